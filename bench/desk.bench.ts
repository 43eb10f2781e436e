// The whole desk over recorded 1m candles of one market, rules for models, War Room in graph mode: seconds of CPU (user and system, of
// this process) and of the clock that a year's 35,040 rounds take, reading the files included; beside it five days in handoff mode. A year is
// reckoned from the days played: what they took, and for those that are missing the pace of the second half, as code is compiled once
// however long a run is. As a run of a sweep is: without a digest of its journal (a tenth more), of which 20,000 events are held, two weeks. Goal: at most 90 s a year in graph mode on a quiet machine. DESK_BENCH_DAYS (default 60; 365 plays the year).
// Run: node --conditions=@perpdesk/source bench/desk.bench.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backtestDesk } from '../examples/perpdesk/server/backtest-desk.ts';
import { writeRecording } from '../examples/perpdesk/server/testing/recording.ts';
import { type DeskBacktest, runBacktest } from '../packages/execution/src/backtest/index.ts';

const days = Number(process.env.DESK_BENCH_DAYS ?? 60);
const roundsOfYear = 365 * 96;
const dayMs = 86_400_000;

/** Seconds of this process and of the clock. */
interface Seconds {
  readonly cpu: number;
  readonly wall: number;
}

interface Timed {
  readonly result: DeskBacktest;
  readonly whole: Seconds;
  /** When half of the rounds were over. */
  readonly half: Seconds;
}

function now(): Seconds {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1e6, wall: performance.now() / 1000 };
}

const since = (before: Seconds): Seconds => {
  const { cpu, wall } = now();
  return { cpu: cpu - before.cpu, wall: wall - before.wall };
};

async function timed(recording: string, mode: 'graph' | 'handoff', played: number, toMs?: number): Promise<Timed> {
  const desk = backtestDesk({ recording, mode });
  const before = now();
  let half: Seconds = { cpu: 0, wall: 0 };
  let concluded = 0;
  const result = await runBacktest({
    createServices: (context) => {
      context.eventBus.subscribe({ group: 'bench', types: ['round.concluded'] }, () => {
        concluded += 1;
        if (concluded === halfOf(played * 96)) half = since(before);
      });
      return desk(context);
    },
    ...(toMs === undefined ? {} : { toMs }),
    ...{ digest: false, journalSize: 20_000 },
  });
  return { result, whole: since(before), half };
}

const halfOf = (rounds: number): number => Math.floor(rounds / 2);

const directory = mkdtempSync(join(tmpdir(), 'perpdesk-bench-'));
try {
  const { minutes } = await writeRecording(directory, { seed: 'c', markets: ['BTC'], days });
  const fromMs = minutes.get('BTC')?.[0]?.openAtMs ?? 0;
  // A day first: modules are loaded once however long a run is.
  await timed(directory, 'graph', 1, fromMs + dayMs);
  for (const mode of ['graph', 'handoff'] as const) {
    const played = mode === 'graph' ? days : Math.min(days, 5);
    const { result, whole, half } = await timed(directory, mode, played, fromMs + played * dayMs);
    const rounds = result.counts['round.concluded'] ?? 0;
    const later = rounds - halfOf(played * 96);
    const year = (key: keyof Seconds): string =>
      (whole[key] + ((roundsOfYear - rounds) * (whole[key] - half[key])) / later).toFixed(0);
    const pace = (seconds: number, of: number): string => ((1000 * seconds) / of).toFixed(2);
    console.log(
      `${mode.padEnd(8)} ${rounds} rounds, ${result.fills.length} fills: ${whole.cpu.toFixed(1)} s of CPU in ${whole.wall.toFixed(1)} s, ${pace(whole.cpu, rounds)} ms a round (second half ${pace(whole.cpu - half.cpu, later)}); a year ${year('cpu')} s of CPU, ${year('wall')} s on the clock`,
    );
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
