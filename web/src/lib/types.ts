// What the service answers with, as far as the page reads it.

export interface Chunk {
  id: string;
  document_id: string;
  source: string;
  title: string;
  text: string;
  start: number;
  end: number;
  headings: string[];
  page: number | null;
  tokens: number;
}

export interface Found {
  rank: number;
  score: number;
}

export interface Hit {
  chunk: Chunk;
  score: number;
  found_by: Record<string, Found>;
  fused: Found | null;
  signals: Record<string, number>;
  reranked: Found | null;
  expanded: number;
  collection: string;
}

export interface Dropped {
  hit: Hit;
  reason: string;
}

export interface StageTime {
  stage: string;
  seconds: number;
}

export interface Citation {
  label: number;
  document_id: string;
  source: string;
  title: string;
  headings: string[];
  page: number | null;
  quote: string;
  start: number;
  end: number;
  collection: string;
}

export interface Usage {
  input: number;
  cached: number;
  written: number;
  output: number;
  reasoning: number;
}

export interface Answer {
  id: string;
  question: string;
  text: string;
  found: boolean;
  finish: string;
  citations: Citation[];
  shown: Hit[];
  dropped: Dropped[];
  model: string;
  prompt_version: string;
  prefix_fingerprint: string;
  usage: Usage;
  cost_microdollars: number;
  times: StageTime[];
  session: string | null;
  notes: string[];
}

export interface SearchResult {
  hits: Hit[];
  dropped: Dropped[];
  times: StageTime[];
  notes: string[];
  cost_microdollars: number;
}

export interface DocumentRecord {
  id: string;
  collection: string;
  source: string;
  title: string;
  media_type: string;
  size: number;
  chunks: number;
  ingested_at: string;
}

export interface Stretch {
  document: DocumentRecord;
  text: string;
  start: number;
  length: number;
  marks: { at: number; page: number | null; headings: string[] }[];
}

/** How far an answer has come that takes its time. */
export interface Advance {
  done: number;
  total: number;
  doing: string;
}

export interface Progress {
  done: number;
  total: number;
  chunks: number;
  slowest: string;
  waiting: string;
}

export interface Outcome {
  source: string;
  state: "added" | "changed" | "unchanged" | "removed" | "failed";
  reason: string;
  chunks: number;
}

export interface Report {
  outcomes: Outcome[];
  chunks: number;
  seconds: number;
  cost_microdollars: number;
}

export interface Job {
  id: string;
  collection: string;
  kind: "ingest" | "delete";
  sources: string[];
  created_at: string;
  ended_at: string | null;
  state: "queued" | "running" | "done" | "failed";
  error: string;
  progress: Progress | null;
  report: Report | null;
}

export interface Collection {
  name: string;
  documents: number;
  chunks: number;
  size: number;
  changed_at: string;
}

export interface Conversation {
  id: string;
  turns: number;
  started_at: string;
  last_at: string;
  question: string;
}

export type Scope = "ask" | "ingest" | "admin";

export interface About {
  tenant: string;
  scopes: Scope[]; // that the key opens
  collections: string[]; // that the key is for; empty: all
  operator: boolean; // may see all tenants
  collection: string;
  model: string;
  configs: string[];
  strategies: string[];
  generates: boolean; // a model writes the answers
  tiers: string[];
  efforts: string[];
  version: string;
  file_mb: number;
}

export interface ApiKey {
  name: string;
  scopes: string[];
  collections: string[];
  created_at: string;
  expires_at: string | null;
  monthly_microdollars: number | null;
  requests_a_minute: number | null;
}

export interface Day {
  day: string;
  endpoint: string;
  model: string;
  calls: number;
  input: number;
  cached: number;
  written: number;
  output: number;
  cost_microdollars: number;
}

/** What the prompt cache did on one day: `group` names it. */
export interface CacheDay {
  group: [string];
  calls: number;
  input: number;
  cacheable: number;
  read: number; // of these
  saved_microdollars: number;
  misses: { why: string; calls: number; says: string }[];
}

export interface TenantDay {
  when: string;
  group: [string];
  cost_microdollars: number;
}

export interface Figures {
  tenant: string | null; // null: all of them
  since: string;
  days: Day[];
  times: { day: string; p50: number; p95: number }[];
  caches: CacheDay[];
  tenants: TenantDay[];
}

export interface Evaluation {
  run: string;
  data: string;
  config: string;
  at: string;
  version: string;
  commit: string;
  questions: number;
  documents: number | null;
  measures: Record<string, number>;
  ms_p50: number | null;
  ms_p95: number | null;
}
