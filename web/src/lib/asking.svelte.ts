// A conversation as it is being held: questions, the pieces of an answer, the whole of it.
import { caught, get, remove, sending, type Problem } from "./api";
import { events, type Event } from "./events";
import { sent, type Image } from "./images.svelte";
import { link } from "./place.svelte";
import { service } from "./service.svelte";
import type { Advance, Answer, Hit } from "./types";

/** How it is to be answered: what stands beside the question in the request. */
type Wanted = Record<string, unknown>;

export class Said {
  readonly question: string;
  readonly images: Image[];
  text = $state("");
  shown = $state.raw<Hit[]>([]);
  pinned = $state(0); // passages of every question, numbered before those that are shown
  advance = $state.raw<Advance | null>(null);
  answer = $state.raw<Answer | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  stopped = $state(false);

  constructor(question: string, text = "", images: Image[] = []) {
    this.question = question;
    this.text = text;
    this.images = images;
  }

  hear({ name, data }: Event): void {
    if (name === "progress") this.advance = JSON.parse(data) as Advance;
    if (name === "retrieval") {
      const read = JSON.parse(data) as { shown: Hit[]; pinned?: string[] };
      this.shown = read.shown;
      this.pinned = read.pinned?.length ?? 0;
    }
    if (name === "delta") {
      const delta = JSON.parse(data) as { text: string; kind: string };
      if (delta.kind === "text") this.text += delta.text;
    }
    if (name === "done") {
      this.answer = JSON.parse(data) as Answer;
      this.text = this.answer.text;
    }
  }
}

export class Asking {
  session = $state("");
  turns = $state<Said[]>([]);
  problem = $state.raw<Problem | null>(null);
  #line: AbortController | null = null;
  #where = ""; // the answer that is being heard

  get busy(): boolean {
    return this.turns.at(-1)?.busy ?? false;
  }

  /** The conversation of this name; none is a new one. */
  async open(session: string): Promise<void> {
    if (session === this.session) return;
    this.leave();
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

  async ask(question: string, wanted: Wanted, images: Image[] = []): Promise<void> {
    if (!this.session) {
      this.session = drawn();
      history.replaceState(null, "", link("ask", this.session));
    }
    this.turns.push(new Said(question, "", images));
    await this.#hear(this.turns.at(-1)!, wanted); // as it is in the list, so that changes are seen
    service.listConversations().catch(() => {}); // the list is a convenience
  }

  async again(turn: Said, wanted: Wanted): Promise<void> {
    this.turns = this.turns.filter((one) => one !== turn);
    await this.ask(turn.question, wanted, turn.images);
  }

  /** The service gives the answer up, and the call to the model with it. */
  stop(): void {
    const turn = this.turns.at(-1);
    if (!turn?.busy) return;
    turn.stopped = true;
    if (!this.#where) return; // as soon as it is known, which is before its first word
    remove(this.#where).catch(() => {}); // it ends without a listener as well, only later
    this.leave();
  }

  /** The answer may go on for a while: it is in the conversation when one comes back. */
  leave(): void {
    this.#line?.abort();
  }

  async #hear(turn: Said, wanted: Wanted): Promise<void> {
    const { signal } = (this.#line = new AbortController());
    const images = turn.images.length ? { images: turn.images.map(sent) } : {};
    const body = { question: turn.question, session: this.session, stream: true, ...images, ...wanted };
    const begun = (where: string) => {
      this.#where = where;
      if (turn.stopped) this.stop();
    };
    this.#where = "";
    turn.busy = true;
    try {
      for await (const event of events("/v1/ask", { ...sending(body), signal }, begun)) turn.hear(event);
    } catch (error) {
      turn.problem = turn.stopped ? null : caught(error);
      turn.stopped ||= turn.problem === null;
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
