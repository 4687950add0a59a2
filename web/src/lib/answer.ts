// An answer's text as blocks and spans: lists, bold, code and [n]. Text stays text, never HTML.
import type { Citation, Hit } from "./types";

export type Span =
  | { kind: "text" | "bold" | "code"; text: string }
  | { kind: "cite"; label: number; said: string };
export type Block =
  | { kind: "paragraph"; spans: Span[] }
  | { kind: "list"; ordered: boolean; items: Span[][] }
  | { kind: "code"; text: string };

/** Where a citation leads. */
export type Place = Omit<Citation, "label" | "quote">;

const ITEM = /^\s*(?:[-*•]|(\d+)[.)])\s+(.*)$/;
const SPAN = /\*\*(.+?)\*\*|`([^`]+)`|\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g;

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const [i, part] of text.split(/^```.*$/m).entries()) {
    if (i % 2) found.push({ kind: "code", text: part.replace(/^\n|\n$/g, "") });
    else for (const paragraph of part.split(/\n\s*\n/)) found.push(...lines(paragraph));
  }
  return found;
}

function lines(paragraph: string): Block[] {
  const found: Block[] = [];
  for (const line of paragraph.split("\n").filter((l) => l.trim())) {
    const item = ITEM.exec(line);
    const last = found.at(-1);
    if (item) {
      const ordered = item[1] !== undefined;
      if (last?.kind === "list" && last.ordered === ordered) last.items.push(spans(item[2]!));
      else found.push({ kind: "list", ordered, items: [spans(item[2]!)] });
    } else if (last?.kind === "paragraph") {
      last.spans.push({ kind: "text", text: "\n" }, ...spans(line));
    } else {
      found.push({ kind: "paragraph", spans: spans(line.replace(/^#+\s+/, "")) });
    }
  }
  return found;
}

function spans(line: string): Span[] {
  const found: Span[] = [];
  let after = 0;
  for (const match of line.matchAll(SPAN)) {
    const before = line.slice(after, match.index);
    if (before) found.push({ kind: "text", text: before });
    const [, bold, code, labels] = match;
    if (bold) found.push({ kind: "bold", text: bold });
    else if (code) found.push({ kind: "code", text: code });
    else found.push(...cites(labels!, line.slice(0, match.index)));
    after = match.index + match[0].length;
  }
  const rest = line.slice(after);
  return rest ? [...found, { kind: "text", text: rest }] : found;
}

function cites(labels: string, said: string): Span[] {
  return labels.split(",").map((label) => ({ kind: "cite", label: Number(label), said }));
}

/** Of the citations with this number, the one whose words were said last before the marker. */
export function cited(label: number, said: string, citations: Citation[]): Citation | undefined {
  const own = citations.filter((citation) => citation.label === label);
  const spoken = plain(said);
  const places = own.map((citation) => spoken.lastIndexOf(plain(citation.quote)));
  return own[places.indexOf(Math.max(...places))];
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\s.!?,;:]+$/, "").toLowerCase();
}

/** Before an answer is done its citations are not known, but what was shown is. */
export function placeOf(hit: Hit): Place {
  const { document_id, source, title, headings, page, start, end } = hit.chunk;
  return { document_id, source, title, headings, page, start, end, collection: hit.collection };
}
