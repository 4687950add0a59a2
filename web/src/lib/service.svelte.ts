// What the page knows of the service, for all views: who asks, its collections, conversations.
import { caught, get, Problem } from "./api";
import type { About, Collection, Conversation } from "./types";

class Service {
  about = $state.raw<About | null>(null);
  collections = $state.raw<Collection[]>([]);
  conversations = $state.raw<Conversation[]>([]);
  problem = $state.raw<Problem | null>(null);
  remembers = $state(true); // whether this key may hold conversations
  collection = $state(""); // the one that is chosen, in all views

  /** Who asks; anew after the key has changed. */
  async open(): Promise<void> {
    try {
      const about = await get<About>("/v1/about");
      if (about.tenant !== this.about?.tenant) this.collection = about.collection;
      this.about = about;
      this.problem = null;
      await Promise.all([this.countCollections(), this.listConversations()]);
    } catch (error) {
      this.about = null;
      this.problem = caught(error);
    }
  }

  async countCollections(): Promise<void> {
    this.collections = (await get<{ collections: Collection[] }>("/v1/collections")).collections;
  }

  async listConversations(): Promise<void> {
    try {
      this.conversations = (await get<{ sessions: Conversation[] }>("/v1/sessions")).sessions;
      this.remembers = true;
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 403) throw error;
      this.conversations = [];
      this.remembers = false;
    }
  }
}

export const service = new Service();
