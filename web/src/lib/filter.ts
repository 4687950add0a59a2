// The rows of the filter form, and the JSON that the service takes for them.

export const tests = {
  is: "is",
  any: "is one of",
  gte: "is at least",
  lte: "is at most",
  exists: "is there",
} as const;
export type Test = keyof typeof tests;

export interface Condition {
  field: string;
  test: Test;
  value: string;
}

export type Filter = Record<string, unknown>;

/** Rows that are not filled in say nothing. */
export function filter(rows: Condition[]): Filter {
  const said: Record<string, unknown> = {};
  for (const { field, test, value } of rows) {
    const name = field.trim();
    if (!name || (test !== "exists" && !value.trim())) continue;
    const before = said[name];
    const wanted = condition(test, value.trim());
    const both = typeof before === "object" && typeof wanted === "object";
    said[name] = both ? { ...before, ...wanted } : wanted;
  }
  return said;
}

function condition(test: Test, value: string): unknown {
  if (test === "is") return scalar(value);
  if (test === "exists") return { exists: true };
  if (test === "any") return { any: value.split(",").map((one) => scalar(one.trim())) };
  return { [test]: Number(value) };
}

function scalar(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+$/.test(text) ? Number(text) : text;
}
