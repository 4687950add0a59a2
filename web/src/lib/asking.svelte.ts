// A conversation as it is being held: questions, the pieces of an answer, the whole of it.
import { caught, get, sending, type Problem } from "./api";
import { events } from "./events";
import type { Filter } from "./filter";
import { link } from "./place.svelte";
import { service } from "./service.svelte";
import type { Answer, Hit } from "./types";

export class Said {
  readonly question: string;
  text = $state("");
  shown = $state.raw<Hit[]>([]);
  pinned = $state(0); // passages of every question, numbered before those that are shown
  answer = $state.raw<Answer | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  stopped = $state(false);

  constructor(question: string, text = "") {
    this.question = question;
    this.text = text;
  }
}

export interface Wish {
  collection: string;
  filter: Filter;
  tier: string;
}

export class Asking {
  session = $state("");
  turns = $state<Said[]>([]);
  problem = $state.raw<Problem | null>(null);
  #stop: AbortController | null = null;

  get busy(): boolean {
    return this.turns.at(-1)?.busy ?? false;
  }

  /** The conversation of this name; none is a new one. */
  async open(session: string): Promise<void> {
    if (session === this.session) return;
    this.stop();
    this.session = session;
    this.turns = [];
    this.problem = null;
    if (!session) return;
    try {
      const path = `/v1/sessions/${encodeURIComponent(session)}`;
      const found = await get<{ turns: { question: string; answer: string }[] }>(path);
      if (session === this.session)
        this.turns = found.turns.map((turn) => new Said(turn.question, turn.answer));
    } catch (error) {
      this.problem = caught(error);
    }
  }

  async ask(question: string, wish: Wish): Promise<void> {
    if (!this.session && service.remembers) {
      this.session = drawn();
      history.replaceState(null, "", link("ask", this.session));
    }
    this.turns.push(new Said(question));
    await this.#hear(this.turns.at(-1)!, wish); // as it is in the list, so that changes are seen
    service.listConversations().catch(() => {}); // the list is a convenience
  }

  async again(turn: Said, wish: Wish): Promise<void> {
    this.turns = this.turns.filter((one) => one !== turn);
    await this.ask(turn.question, wish);
  }

  stop(): void {
    this.#stop?.abort();
  }

  async #hear(turn: Said, wish: Wish): Promise<void> {
    const { signal } = (this.#stop = new AbortController());
    const { tier, ...rest } = wish;
    const session = this.session || undefined;
    const body = { question: turn.question, session, stream: true, ...rest };
    turn.busy = true;
    try {
      const asked = sending(tier ? { ...body, tier } : body);
      for await (const { name, data } of events("/v1/ask", { ...asked, signal })) {
        if (name === "retrieval") {
          const read = JSON.parse(data) as { shown: Hit[]; pinned?: string[] };
          turn.shown = read.shown;
          turn.pinned = read.pinned?.length ?? 0;
        }
        if (name === "delta") {
          const delta = JSON.parse(data) as { text: string; kind: string };
          if (delta.kind === "text") turn.text += delta.text;
        }
        if (name === "done") {
          turn.answer = JSON.parse(data) as Answer;
          turn.text = turn.answer.text;
        }
      }
    } catch (error) {
      turn.problem = caught(error);
      turn.stopped = turn.problem === null;
    } finally {
      turn.busy = false;
    }
  }
}

/** crypto.randomUUID is there over https alone. */
function drawn(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
