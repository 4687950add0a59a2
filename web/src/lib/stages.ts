// Times of stages since the service started, from the histograms of /metrics.

export interface Stage {
  stage: string;
  count: number;
  mean: number;
  p50: number;
  p95: number;
}

const LINE = /^forebay_stage_seconds_(bucket|sum|count)\{(.*)\} (\S+)$/gm;

export function stages(metrics: string): Stage[] {
  const seen = new Map<string, { sum: number; count: number; steps: [number, number][] }>();
  for (const [, kind, labels, value] of metrics.matchAll(LINE)) {
    const stage = /stage="([^"]*)"/.exec(labels!)?.[1] ?? "";
    const own = seen.get(stage) ?? { sum: 0, count: 0, steps: [] };
    seen.set(stage, own);
    if (kind === "sum") own.sum = Number(value);
    else if (kind === "count") own.count = Number(value);
    else {
      const upTo = /le="([^"]*)"/.exec(labels!)?.[1];
      own.steps.push([upTo === "+Inf" ? Infinity : Number(upTo), Number(value)]);
    }
  }
  return [...seen].map(([stage, { sum, count, steps }]) => ({
    stage,
    count,
    mean: sum / count,
    p50: within(steps, count, 0.5),
    p95: within(steps, count, 0.95),
  }));
}

/** The upper edge of the bucket in which this share is reached. */
function within(steps: [number, number][], count: number, share: number): number {
  return steps.find(([, reached]) => reached >= share * count)?.[0] ?? Infinity;
}
