// Figures as people read them.

export const count = (n: number): string => n.toLocaleString("en");

export function plural(n: number, word: string): string {
  return `${count(n)} ${word}${n === 1 ? "" : "s"}`;
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 1_000_000) return `${(n / 1000).toFixed(0)} kB`;
  return `${(n / 1_000_000).toFixed(1).replace(/\.0$/, "")} MB`;
}

export const short = new Intl.NumberFormat("en", { notation: "compact" }).format;

export function seconds(s: number): string {
  if (s === 0) return "0 s";
  if (s < 0.01) return `${(s * 1000).toFixed(1)} ms`;
  if (s < 1) return `${(s * 1000).toFixed(0)} ms`;
  return `${s.toFixed(1)} s`;
}

export function money(microdollars: number): string {
  const dollars = microdollars / 1_000_000;
  if (dollars === 0) return "$0";
  return `$${dollars < 0.01 ? dollars.toPrecision(2) : dollars.toFixed(dollars < 0.1 ? 3 : 2)}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

export function moment(iso: string): string {
  return new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/** Title and headings in one line, each said once. */
export function where(title: string, headings: string[]): string {
  return [...new Set([title, ...headings].filter(Boolean))].join(" › ");
}

export const list = (words: string[]): string => new Intl.ListFormat("en").format(words);
