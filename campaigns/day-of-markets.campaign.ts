// Twenty-four simulated hours of seven venues with twenty markets each through a live desk's data layer: the heap at the end is
// within a tenth of what it was after the first hour; `HOURS` from the environment (24). Needs --expose-gc, and starts itself again with it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playDay } from '../packages/data/src/live/testing/day-of-markets.ts';

if (globalThis.gc === undefined) {
  const args = ['--expose-gc', ...process.execArgv, fileURLToPath(import.meta.url)];
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
}

const hours = Number(process.env.HOURS ?? 24);
const folder = mkdtempSync(join(tmpdir(), 'perpdesk-day-'));
const heap = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
const rows: object[] = [];
const heaps: number[] = [];
try {
  const startedAt = performance.now();
  const { candles, closed, counts, trades } = await playDay({
    ...{ venues: 7, markets: 20, hours, databaseUrl: `sqlite:${join(folder, 'market.db')}` },
    onHour: (hour) => {
      const used = heap();
      heaps.push(used);
      const seconds = (performance.now() - startedAt) / 1000;
      rows.push({
        hour,
        'heap MB': used.toFixed(1),
        'since hour 1': (used / (heaps[0] ?? 1)).toFixed(3),
        seconds: seconds.toFixed(0),
      });
    },
  });
  console.table(rows.filter((_, index) => index < 3 || index % 4 === 3));
  console.log({ closed, trades, ...counts });
  const ratio = (heaps.at(-1) ?? 0) / (heaps[0] ?? 1);
  const whole = candles === 7 * 20 * 60 * hours && counts.gaps + counts.partialBars + counts.late === 0;
  console.log(`heap at the end / after the first hour: ${ratio.toFixed(3)} (at most 1.1); bars whole: ${whole}`);
  if (ratio > 1.1 || !whole) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
