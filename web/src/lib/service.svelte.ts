// What the page knows of the service, for all views: who asks, its collections, conversations.
import { caught, get, type Problem } from "./api";
import type { About, Collection, Conversation, Scope } from "./types";

class Service {
  about = $state.raw<About | null>(null);
  collections = $state.raw<Collection[]>([]);
  conversations = $state.raw<Conversation[]>([]);
  problem = $state.raw<Problem | null>(null);
  collection = $state(""); // the one that is chosen, in all views

  /** The collections that can be chosen: those with documents, those of the key, the chosen one. */
  get known(): string[] {
    const named = this.collections.map((one) => one.name);
    return [...new Set([this.collection, ...(this.about?.collections ?? []), ...named])];
  }

  may(scope: Scope): boolean {
    return this.about?.scopes.includes(scope) ?? false;
  }

  /** Who asks; anew after the key has changed. */
  async open(): Promise<void> {
    try {
      const about = await get<About>("/v1/about");
      if (about.tenant !== this.about?.tenant || !reaches(about, this.collection))
        this.collection = reaches(about, about.collection) ? about.collection : about.collections[0]!;
      this.collections = this.conversations = [];
      this.about = about;
      this.problem = null;
      await Promise.all([this.countCollections(), this.listConversations()]);
    } catch (error) {
      this.about = null;
      this.problem = caught(error);
    }
  }

  async countCollections(): Promise<void> {
    if (!this.may("ask")) return;
    this.collections = (await get<{ collections: Collection[] }>("/v1/collections")).collections;
  }

  async listConversations(): Promise<void> {
    if (!this.may("ask")) return;
    this.conversations = (await get<{ sessions: Conversation[] }>("/v1/sessions")).sessions;
  }
}

function reaches({ collections }: About, name: string): boolean {
  return !collections.length || collections.includes(name);
}

export const service = new Service();
