// Where on the page one is: the address's hash, as in #/ask/<conversation>.

export const views = ["ask", "documents", "search", "figures", "evaluations", "key"] as const;
export type View = (typeof views)[number];

class Place {
  view = $state<View>("ask");
  rest = $state("");

  constructor() {
    addEventListener("hashchange", () => this.#read());
    this.#read();
  }

  #read(): void {
    const [, view = "", rest = ""] = /^#\/([a-z]+)\/?(.*)$/.exec(location.hash) ?? [];
    this.view = views.find((one) => one === view) ?? "ask";
    this.rest = decodeURIComponent(rest);
  }
}

export const place = new Place();

export function link(view: View, rest = ""): string {
  return rest ? `#/${view}/${encodeURIComponent(rest)}` : `#/${view}`;
}
