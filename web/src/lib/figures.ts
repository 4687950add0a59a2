// What was spent and cached, as rows over days that can be plotted.
import type { CacheDay, Figures } from "./types";

export interface Series {
  name: string;
  values: (number | null)[];
}

const MOST = 5; // series in one plot; the rest together is one of them

/** Why a prompt cache read less than it could have; as `forebay cache` calls it, and in words. */
export const reasons: Record<string, string> = {
  cold: "not sent before",
  expired: "too long ago",
  changed: "the beginning changed",
  short: "too short to be cached",
  tail: "too much behind it",
  unmarked: "not worth marking",
  overflow: "its key was busy",
  provider: "not found by the provider",
};

export function total<T>(rows: T[], of: (row: T) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0);
}

/** From the first day of the figures to today, in UTC. */
export function daysOf({ since }: Figures): string[] {
  const first = Date.parse(`${since}T00:00:00Z`);
  const length = Math.floor((Date.now() - first) / 86_400_000) + 1;
  return Array.from({ length }, (_, i) => new Date(first + i * 86_400_000).toISOString().slice(0, 10));
}

/** One series for each name, the largest first; beyond five, the rest together. */
export function series(days: string[], rows: { day: string; name: string; value: number }[]): Series[] {
  const whole = (name: string) => total(rows.filter((row) => row.name === name), (row) => row.value);
  const names = [...new Set(rows.filter((row) => row.value).map((row) => row.name))];
  names.sort((a, b) => whole(b) - whole(a) || a.localeCompare(b));
  const single = names.length > MOST ? names.slice(0, MOST - 1) : names;
  const rest = names.slice(single.length);
  const groups = [...single.map((name) => ({ name, of: [name] })), { name: "others", of: rest }];
  return groups
    .filter((group) => group.of.length)
    .map(({ name, of }) => ({
      name,
      values: days.map((day) =>
        total(rows.filter((row) => row.day === day && of.includes(row.name)), (row) => row.value),
      ),
    }));
}

/** One value of each day; null where nothing was called. */
export function daily(days: string[], caches: CacheDay[], of: (day: CacheDay) => number | null): (number | null)[] {
  return days.map((day) => {
    const found = caches.find((one) => one.group[0] === day);
    return found ? of(found) : null;
  });
}
