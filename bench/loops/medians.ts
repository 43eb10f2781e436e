/**
 * The median time of each of several functions in ns per candle, run once each in turns, so that what else the machine does
 * meets all of them alike; for about so many seconds together, at least seven turns. Runs of less than a scheduler's slice
 * (some ms) are best: most of them are then not interrupted. With `inARow`, each runs so often before the next one does: for
 * what leaves much garbage, which others would pay for. Default 1.
 */
export function medians<Names extends string>(
  runs: Readonly<Record<Names, () => unknown>>,
  options: { readonly candles: number; readonly seconds: number; readonly inARow?: number },
): Readonly<Record<Names, number>> & Readonly<Record<string, number | undefined>> {
  const { candles, seconds, inARow = 1 } = options;
  const entries: [string, () => unknown][] = Object.entries(runs);
  const times = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  const warmUntil = performance.now() + seconds * 200;
  do for (const [, run] of entries) run();
  while (performance.now() < warmUntil);
  const until = performance.now() + seconds * 1000;
  for (let turn = 0; turn < 7 || performance.now() < until; turn += 1) {
    for (const [name, run] of entries) {
      for (let time = 0; time < inARow; time += 1) {
        const startedAt = process.hrtime.bigint();
        run();
        times.get(name)?.push(Number(process.hrtime.bigint() - startedAt) / candles);
      }
    }
  }
  const median = (values: number[]): number => values.sort((x, y) => x - y)[values.length >> 1] ?? Number.NaN;
  return Object.fromEntries(entries.map(([name]) => [name, median(times.get(name) ?? [])])) as Record<Names, number>;
}
