// Server-sent events over fetch: EventSource can neither post nor send a key.
import { away, call, problem } from "./api";

export interface Event {
  name: string;
  data: string;
}

/** The events of a response until it ends. An event `error` is thrown as a problem.
 *  `begun` is told, before the first one, where it says that it lies. */
export async function* events(
  path: string,
  init: RequestInit,
  begun: (where: string) => void = () => {},
): AsyncGenerator<Event> {
  const asked = { ...init, headers: { Accept: "text/event-stream", ...init.headers } };
  const response = await call(path, asked);
  begun(response.headers.get("Content-Location") ?? "");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read().catch((error: unknown) => {
        throw error instanceof DOMException ? error : away();
      });
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop()!;
      for (const event of blocks.map(parsed)) {
        if (event?.name === "error") throw failed(event.data);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // who stops listening says so
  }
}

function failed(data: string): Error {
  const said = JSON.parse(data) as { status?: number };
  return problem(said.status ?? 500, data);
}

/** Null: a comment, or a field that is none of ours. */
function parsed(block: string): Event | null {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (field === "event") name = value!;
    if (field === "data") data.push(value!);
  }
  return data.length ? { name, data: data.join("\n") } : null;
}
