// The whole desk over recorded 1m candles of one market, rules for models, War Room in graph mode: CPU seconds (user and system, of
// this process) that a year's 35,040 rounds take, reckoned from the days played, reading the files included; beside it five days in handoff mode.
// Goal: at most 90 s a year in graph mode on a quiet machine. DESK_BENCH_DAYS (default 60; 365 plays the year).
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

interface Timed {
  readonly result: DeskBacktest;
  readonly cpuSeconds: number;
}

async function timed(recording: string, mode: 'graph' | 'handoff', toMs?: number): Promise<Timed> {
  const before = process.cpuUsage();
  const result = await runBacktest({
    createServices: backtestDesk({ recording, mode }),
    ...(toMs === undefined ? {} : { toMs }),
  });
  const { user, system } = process.cpuUsage(before);
  return { result, cpuSeconds: (user + system) / 1e6 };
}

const directory = mkdtempSync(join(tmpdir(), 'perpdesk-bench-'));
try {
  const { minutes } = await writeRecording(directory, { seed: 'c', markets: ['BTC'], days });
  const fromMs = minutes.get('BTC')?.[0]?.openAtMs ?? 0;
  // A day first: code is loaded and compiled once however long a run is.
  await timed(directory, 'graph', fromMs + dayMs);
  for (const mode of ['graph', 'handoff'] as const) {
    const span = mode === 'graph' ? undefined : fromMs + 5 * dayMs;
    const { result, cpuSeconds } = await timed(directory, mode, span);
    const rounds = result.counts['round.concluded'] ?? 0;
    const year = (cpuSeconds / rounds) * roundsOfYear;
    console.log(
      `${mode.padEnd(8)} ${rounds} rounds, ${result.fills.length} fills: ${cpuSeconds.toFixed(1)} s of CPU, ${((1000 * cpuSeconds) / rounds).toFixed(2)} ms a round, ${year.toFixed(0)} s a year`,
    );
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
