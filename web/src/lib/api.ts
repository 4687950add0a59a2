// Talks to the service that the page came from. The key stays in this tab's session storage.

const KEY = "forebay.key";

/** What went wrong, in the service's own words. */
export class Problem extends Error {
  readonly title: string;
  readonly status: number;

  constructor(title: string, status: number, detail: string) {
    super(detail);
    this.title = title;
    this.status = status;
  }
}

export function key(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function keep(secret: string): void {
  if (secret) sessionStorage.setItem(KEY, secret);
  else sessionStorage.removeItem(KEY);
}

export function headers(): Record<string, string> {
  return key() ? { Authorization: `Bearer ${key()}` } : {};
}

export async function get<T>(path: string, query: Record<string, string | number> = {}): Promise<T> {
  const asked = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]));
  return json<T>(await call(asked.size ? `${path}?${asked}` : path));
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  return json<T>(await call(path, sending(body)));
}

export function remove(path: string): Promise<Response> {
  return call(path, { method: "DELETE" });
}

export function sending(body: unknown): RequestInit {
  return {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  };
}

/** A response that is no error. */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const all = { ...init, headers: { ...headers(), ...init.headers } };
  const response = await fetch(`.${path}`, all).catch((error: unknown) => {
    if (error instanceof DOMException) throw error; // it was stopped on purpose
    throw away();
  });
  if (!response.ok) throw problem(response.status, await response.text());
  return response;
}

export function problem(status: number, body: string): Problem {
  try {
    const said = JSON.parse(body) as { title?: string; detail?: string };
    return new Problem(said.title ?? `Error ${status}`, status, said.detail ?? body);
  } catch {
    return new Problem(`Error ${status}`, status, body.slice(0, 300) || "The service said nothing.");
  }
}

export function away(): Problem {
  return new Problem(
    "No answer",
    0,
    "The service cannot be reached. See that it runs and that you are connected, then try again.",
  );
}

/** What was thrown, as a problem; null when it was stopped on purpose. */
export function caught(error: unknown): Problem | null {
  if (error instanceof DOMException && error.name === "AbortError") return null;
  return error instanceof Problem ? error : new Problem("Error", 0, String(error));
}

async function json<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

export function documentPath(id: string, collection: string, part = ""): string {
  const named = encodeURIComponent(id);
  return `/v1/documents/${named}${part}?collection=${encodeURIComponent(collection)}`;
}
