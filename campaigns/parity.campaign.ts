// A market through all three ways: backtest, replay on the paper venue at 100×, and the local Hyperliquid over real sockets. No
// difference may be unexplained, and no decision may differ before an order or fill did.
// Run: `pnpm campaign parity`: some hours of a made market, with `HOURS`, `SEED`, `LATENCY_MS` (each way) and `SPEED` (of the
// replay) from the environment (3, o, 50 and 100). `DAY=2025-07-25 pnpm campaign parity`: a recorded day, 00:00 to 24:00 UTC, of
// the fixtures' 1m candles of Hyperliquid, with `SYMBOLS` (BTC,ETH); they hold 2025-07-22 to 2025-07-25 whole. Its replay is at 1,000×
// unless `SPEED` says otherwise: at 100× a day is a quarter of an hour of waiting.
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

const { DAY: date, SEED: seed = 'o' } = process.env;
const hours = Number(process.env.HOURS ?? 3);
const latencyMs = Number(process.env.LATENCY_MS ?? 50);
const speed = Number(process.env.SPEED ?? (date === undefined ? 100 : 1_000));
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const main = fileURLToPath(new URL('../examples/perpdesk/server/main.ts', import.meta.url));
const fixtures = process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../shared/fixtures', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'perpdesk-parity-'));

/** What the product is given to record. */
function market(): { readonly name: string; readonly args: readonly string[] } {
  if (date === undefined) {
    const to = new Date(Date.UTC(2026, 0, 5, 0, 13) + hours * hourMs).toISOString();
    return { name: `${hours} h of "${seed}"`, args: ['--seed', seed, '--symbols', 'BTC,ETH', '--to', to] };
  }
  const { SYMBOLS: symbols = 'BTC,ETH' } = process.env;
  const to = new Date(Date.parse(`${date}T00:00:00Z`) + dayMs).toISOString();
  const replayed = ['--replay', join(fixtures, 'candles/hyperliquid'), '--symbols', symbols];
  return { name: `${symbols} on ${date}`, args: [...replayed, '--from', `${date}T00:00`, '--to', to] };
}

/** The instant of the first difference of some subjects. */
const firstOf = ({ roots }: WayReport, subjects: readonly Difference['subject'][]): number =>
  Math.min(
    ...roots
      .flatMap((root): readonly Difference[] => [root, ...root.consequences])
      .filter(({ subject }) => subjects.includes(subject))
      .map(({ atMs }) => atMs),
  );

/** Says when another `everyMs` of the market are done. */
function progress(everyMs: number): (atMs: number) => void {
  let saidMs = 0;
  return (atMs) => {
    if (atMs - saidMs < everyMs) return;
    saidMs = atMs - (atMs % everyMs);
    console.log(`  ${new Date(saidMs).toISOString().slice(0, 16)}`);
  };
}

/** Runs something and prints what it took. */
async function timed<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
  console.log(`${name} …`);
  const [wallMs, cpu] = [performance.now(), process.cpuUsage()];
  const result = await run();
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1_000;
  const seconds = [performance.now() - wallMs, cpuMs].map((ms) => (ms / 1_000).toFixed(1));
  console.log(`${name}: ${seconds[0]} s, ${seconds[1]} s of processor`);
  return result;
}

try {
  const { name, args } = market();
  const always = '--record --exit-at-end --headless --speed max --autonomy full-auto --data-dir'.split(' ');
  const product = [...process.execArgv, main, ...args, ...always, directory];
  const day = await timed(`${name}, recorded`, async () => {
    const recorded = spawnSync(process.execPath, product, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (recorded.status !== 0) throw new Error(`The product ended with ${recorded.status}.`);
    return readRecordedDay(directory, silentLogger);
  });
  const setting = { environment: {}, logger: silentLogger };
  const onStep = progress(date === undefined ? hourMs : 4 * hourMs);
  const there = await timed('simulator', () => simulatorWay(day, { ...setting, latencyMs, onStep }));
  console.log(`${there.wires.requests} requests and ${there.wires.messages} messages of sockets`);
  const ways = [
    recordedWay(day),
    await timed('backtest', () => backtestWay(day)),
    await timed(`replay at ${speed}`, () => replayWay(day, { ...setting, speed })),
    there,
  ];
  for (const report of compareWays(ways)) {
    console.log(`\n${report.name}\n${renderParity(report, { left: report.against, right: 'again', roots: 20 })}`);
    const isEarly = firstOf(report, ['decision']) < firstOf(report, ['order', 'fill']);
    if (isEarly) console.log('A decision differs before any order or fill did.');
    if (isEarly || report.unexplained > 0) process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
