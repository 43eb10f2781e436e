// A made market for some hours through all three ways: backtest, replay on the paper venue at 100×, and the local Hyperliquid over
// real sockets. No difference may be unexplained, and no decision may differ before an order or fill did.
// Run: `pnpm campaign parity`, with `HOURS`, `SEED`, `LATENCY_MS` (each way) and `SPEED` (of the replay) from the environment (3, o,
// 50 and 100).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRecordedDay } from '../examples/perpdesk/server/parity/recorded-day.ts';
import { simulatorWay } from '../examples/perpdesk/server/parity/simulator-way.ts';
import { backtestWay, recordedWay, replayWay } from '../examples/perpdesk/server/parity/ways-of-day.ts';
import { silentLogger } from '../packages/core/src/index.ts';
import { compareWays, type Difference, renderParity, type WayReport } from '../packages/execution/src/index.ts';

const hours = Number(process.env.HOURS ?? 3);
const seed = process.env.SEED ?? 'o';
const latencyMs = Number(process.env.LATENCY_MS ?? 50);
const speed = Number(process.env.SPEED ?? 100);
const main = fileURLToPath(new URL('../examples/perpdesk/server/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'perpdesk-parity-'));

/** The instant of the first difference of some subjects. */
const firstOf = ({ roots }: WayReport, subjects: readonly Difference['subject'][]): number =>
  Math.min(
    ...roots
      .flatMap((root): readonly Difference[] => [root, ...root.consequences])
      .filter(({ subject }) => subjects.includes(subject))
      .map(({ atMs }) => atMs),
  );

try {
  const to = new Date(Date.UTC(2026, 0, 5, 0, 13) + hours * 3_600_000).toISOString();
  const args = `--seed ${seed} --symbols BTC,ETH --to ${to} --record --exit-at-end --headless --speed max`.split(' ');
  const product = [...process.execArgv, main, ...args, '--autonomy', 'full-auto', '--data-dir', directory];
  const recorded = spawnSync(process.execPath, product, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (recorded.status !== 0) throw new Error(`The product ended with ${recorded.status}.`);
  const day = await readRecordedDay(directory, silentLogger);
  const setting = { environment: {}, logger: silentLogger };
  const there = await simulatorWay(day, { ...setting, latencyMs });
  console.log(
    `${hours} h of "${seed}": ${there.wires.requests} requests and ${there.wires.messages} messages of sockets.`,
  );
  const ways = [recordedWay(day), await backtestWay(day), await replayWay(day, { ...setting, speed }), there];
  for (const report of compareWays(ways)) {
    console.log(`\n${report.name}\n${renderParity(report, { left: report.against, right: 'again', roots: 20 })}`);
    const isEarly = firstOf(report, ['decision']) < firstOf(report, ['order', 'fill']);
    if (isEarly) console.log('A decision differs before any order or fill did.');
    if (isEarly || report.unexplained > 0) process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
