// How questions are to be answered. This browser remembers the settings; it does not remember
// filters, documents and images, which tell what somebody asks about.
import { filter, type Condition } from "./filter";
import { Images } from "./images.svelte";
import { service } from "./service.svelte";

const NAME = "forebay.answers";
const USUAL = { strategy: "", tier: "", effort: "", limit: null as number | null, dollars: null as number | null };
type Settings = typeof USUAL;

export const strategies: Record<string, string> = {
  auto: "As the question looks",
  corpus: "The passages that fit",
  document: "One document, whole",
  conversation: "A long conversation",
  repository: "Passages, and a map of all files",
  synthesis: "All documents, one after the other",
};

export class Wish {
  settings = $state<Settings>(remembered());
  rows = $state<Condition[]>([]);
  document = $state(""); // that is read whole
  readonly images = new Images();

  constructor() {
    $effect(() => localStorage.setItem(NAME, JSON.stringify(this.settings)));
  }

  get filters(): number {
    return Object.keys(filter(this.rows)).length;
  }

  /** Settings that are not as usual. */
  get changed(): number {
    return Object.values(this.settings).filter(Boolean).length;
  }

  forget(): void {
    this.settings = { ...USUAL };
    this.document = "";
  }

  /** As the service takes it, without the question. */
  body(): Record<string, unknown> {
    const { strategy, tier, effort, limit, dollars } = this.settings;
    const { generates, tiers } = service.about!;
    const model = generates ? { tier: tiers.length ? tier : "", effort, budget_dollars: dollars } : {};
    const wanted = { strategy, limit, document: strategy === "document" ? this.document.trim() : "", ...model };
    return {
      collection: service.collection,
      filter: filter(this.rows),
      ...Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)),
    };
  }
}

function remembered(): Settings {
  try {
    const found = JSON.parse(localStorage.getItem(NAME) ?? "{}") as Partial<Settings>;
    return { ...USUAL, ...found };
  } catch {
    return { ...USUAL };
  }
}
