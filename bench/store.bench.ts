// The time-series store on SQLite and PostgreSQL: batched ingest, a range, the newest of many series, and how long a scan
// of a million rows keeps the event loop from turning. Goals are for SQLite; "by hand" is better-sqlite3 without the store.
// Run: node --conditions=@perpdesk/source bench/store.bench.ts [rows of the long series] [sqlite]
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Candle, InstrumentId } from '../packages/core/src/index.ts';
import { testDatabases } from '../packages/core/src/testing/test-databases.ts';
import { exportSeries, RetentionService, SqlTimeSeriesStore } from '../packages/data/src/index.ts';

const longRows = Number(process.argv[2] ?? 1_000_000);
const seriesCount = 500;
const rowsEach = 200;
const minuteMs = 60_000;
const startMs = Date.UTC(2024, 0, 1);
const long = { instrumentId: 'LONG-PERP@bench', timeframe: '1m' } as const;
const whole = { ...long, fromMs: 0, toMs: 8e15 };
const folder = mkdtempSync(join(tmpdir(), 'perpdesk-bench-'));

const bar = (instrumentId: InstrumentId, index: number): Candle => ({
  ...{ instrumentId, timeframe: '1m', openAtMs: startMs + index * minuteMs },
  ...{
    open: 60_000.1 + index,
    high: 60_002.3 + index,
    low: 59_990.7 + index,
    close: 60_001.9 + index,
    volume: index / 7,
  },
});
const instruments = Array.from({ length: seriesCount }, (_, i): InstrumentId => `M${i}-PERP@bench`);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** What something took: by the wall, and of the time of this thread, which other programs of the machine do not lengthen. */
interface Time {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

async function timed(act: () => Promise<unknown>): Promise<Time> {
  const [wall, cpu] = [performance.now(), threadMs()];
  await act();
  return { wallMs: performance.now() - wall, cpuMs: threadMs() - cpu };
}

const medianTime = (times: readonly Time[]): Time => ({
  wallMs: median(times.map(({ wallMs }) => wallMs)),
  cpuMs: median(times.map(({ cpuMs }) => cpuMs)),
});

async function medianOf(runs: number, act: () => Promise<unknown>): Promise<Time> {
  const times: Time[] = [];
  for (let run = 0; run < runs; run += 1) times.push(await timed(act));
  return medianTime(times);
}

/** How long the event loop stood still at most while something ran, and how long that took. */
interface Standstill extends Time {
  readonly tookMs: number;
}

/**
 * The median of some runs. CPU: the most that this thread worked between two turns of the loop, looked at once a ms: a loop
 * that turned without a pause would take a core from the threads that do the work, and be interrupted for them.
 */
async function standstill(runs: number, act: () => Promise<unknown>): Promise<Standstill> {
  const found: Standstill[] = [];
  for (let run = 0; run < runs; run += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    let cpuMs = 0;
    let last = threadMs();
    const ticks = setInterval(() => {
      const now = threadMs();
      cpuMs = Math.max(cpuMs, now - last);
      last = now;
    }, 1);
    delay.enable();
    const { wallMs } = await timed(act);
    clearInterval(ticks);
    delay.disable();
    found.push({ wallMs: delay.max / 1e6, cpuMs: Math.max(cpuMs, threadMs() - last), tookMs: wallMs });
  }
  return { ...medianTime(found), tookMs: median(found.map(({ tookMs }) => tookMs)) };
}

interface Figures {
  /** Of 10,000 bars. */
  readonly ingest: Time;
  readonly again: Time;
  readonly range: Time;
  readonly latest: Time;
  readonly standstills: Readonly<Record<string, Standstill>>;
}

async function measure(
  store: SqlTimeSeriesStore,
  retention: () => Promise<unknown>,
  retentionAgain: () => Promise<unknown>,
): Promise<Figures> {
  const batch = 10_000;
  const writes: Time[] = [];
  const rewrites: Time[] = [];
  for (let from = 0; from < longRows; from += batch) {
    const bars = Array.from({ length: Math.min(batch, longRows - from) }, (_, i) => bar(long.instrumentId, from + i));
    writes.push(await timed(() => store.writeCandles(bars)));
    if (from % (10 * batch) === 0) rewrites.push(await timed(() => store.writeCandles(bars)));
  }
  for (let index = 0; index < rowsEach; index += 1)
    await store.writeCandles(instruments.map((instrumentId) => bar(instrumentId, index)));
  const middle = {
    ...long,
    fromMs: startMs + (longRows / 2) * minuteMs,
    toMs: startMs + (longRows / 2 + 10_000) * minuteMs,
  };
  const asOfMs = startMs + (rowsEach - 1) * minuteMs;
  await store.gaps({ ...whole, toMs: startMs + minuteMs }); // the thread that scans is there
  return {
    ingest: medianTime(writes),
    again: medianTime(rewrites),
    range: await medianOf(21, () => store.readCandles(middle)),
    latest: await medianOf(21, async () => {
      const newest = await store.newestCandles({ asOfMs });
      if (newest.length !== seriesCount + 1) throw new Error(`${newest.length} newest bars`);
    }),
    standstills: {
      nothing: await standstill(5, () => new Promise((resolve) => setTimeout(resolve, 300))),
      'all bars as columns': await standstill(5, () => store.readCandles(whole)),
      '1m to 1h': await standstill(5, () => store.downsampleCandles({ ...whole, to: '1h' })),
      gaps: await standstill(5, () => store.gaps(whole)),
      'export to CSV': await standstill(3, () => exported(store, 'csv')),
      'export to Parquet': await standstill(3, () => exported(store, 'parquet')),
      'retention, rolled up': await standstill(1, retention),
      'retention, with writes': await standstill(1, () => meanwhile(retentionAgain, () => writeOn(store))),
    },
  };
}

/** Acts again and again, with 20 ms in between, as long as something runs. */
async function meanwhile(run: () => Promise<unknown>, act: () => Promise<unknown>): Promise<void> {
  let running = true;
  const finished = run().finally(() => {
    running = false;
  });
  while (running) {
    await act();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await finished;
}

let written = 0;
/** A bar for each series, later than all there are: what a desk writes at the end of a minute. */
async function writeOn(store: SqlTimeSeriesStore): Promise<void> {
  written += 1;
  await store.writeCandles(instruments.map((instrumentId) => bar(instrumentId, 2 * longRows + written)));
}

const exported = (store: SqlTimeSeriesStore, format: 'csv' | 'parquet') =>
  exportSeries({ store, kind: 'candle', series: [long], fromMs: 0, toMs: 8e15, path: join(folder, `out.${format}`) });

/** The same on SQLite without the store: one prepared statement a row, and the scan on this thread. */
async function byHand(): Promise<{ ingest: Time; range: Time; scan: Standstill }> {
  const load = createRequire(import.meta.resolve('../packages/core/src/index.ts'));
  const Sqlite = load('better-sqlite3');
  const database = new Sqlite(join(folder, 'by-hand.db'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec(`create table bars (series_id integer not null, open_at_ms integer not null, open real not null, high real not null,
    low real not null, close real not null, volume real not null, primary key (series_id, open_at_ms)) strict, without rowid`);
  const insert = database.prepare('insert into bars values (1, ?, ?, ?, ?, ?, ?)');
  const writes: Time[] = [];
  for (let from = 0; from < longRows; from += 10_000) {
    const bars = Array.from({ length: 10_000 }, (_, i) => bar(long.instrumentId, from + i));
    const write = database.transaction(() => {
      for (const one of bars) insert.run(one.openAtMs, one.open, one.high, one.low, one.close, one.volume);
    });
    writes.push(await timed(async () => write()));
  }
  const select = database.prepare(
    'select open_at_ms, open, high, low, close, volume from bars where open_at_ms >= ? and series_id = 1 limit 10000',
  );
  const range = await medianOf(21, async () => {
    const rows = select.raw().all(startMs + (longRows / 2) * minuteMs) as number[][];
    for (let place = 0; place < 6; place += 1) Float64Array.from(rows, (row) => row[place] ?? 0);
  });
  const downsample =
    database.prepare(`select open_at_ms / 3600000 as hour, min(open_at_ms), max(open_at_ms), max(high), min(low), sum(volume)
    from bars where series_id = 1 group by 1`);
  const scan = await standstill(3, async () => downsample.all());
  database.close();
  return { ingest: medianTime(writes), range, scan };
}

const [file, , postgres] = await testDatabases();
const figures = new Map<string, Figures>();
for (const kind of process.argv[3] === 'sqlite' ? [file] : [file, postgres]) {
  if (kind === undefined || !kind.available) continue;
  const test = await kind.make();
  const database = await test.open({ durability: 'normal' });
  const store = new SqlTimeSeriesStore({ database });
  await store.start();
  const nowMs = (): number => startMs + 2 * longRows * minuteMs;
  const clock = { nowMs, setTimer: () => () => {}, sleep: async () => {}, hold: () => () => {} };
  // The older half first, rolled up, then what is left while bars are written.
  const run = (keepMs: number): Promise<unknown> => {
    const policies = [{ kind: 'candle', timeframe: '1m', keepMs, rollUpTo: '1h' }] as const;
    return new RetentionService({ database, clock, policies }).run();
  };
  const half = (3 * longRows * minuteMs) / 2;
  figures.set(
    kind.title,
    await measure(
      store,
      () => run(half),
      () => run(minuteMs),
    ),
  );
  await store.stop();
  await test.drop();
}
const hand = await byHand();
rmSync(folder, { recursive: true });

const sqlite = figures.get('SQLite file');
const server = figures.get('PostgreSQL');
const rows: Record<string, string>[] = [];

/** One line: by the wall, for SQLite also of this thread's time, which the goal is held against on a machine with others on it. */
function row(what: string, pick: (one: Figures) => Time, plain: Time | undefined, goal: string, most?: number): void {
  const show = ({ wallMs, cpuMs }: Time): string => `${wallMs.toFixed(1)} (${cpuMs.toFixed(1)})`;
  const ours = sqlite && pick(sqlite);
  rows.push({
    what,
    SQLite: ours === undefined ? '-' : show(ours),
    PostgreSQL: server === undefined ? '-' : pick(server).wallMs.toFixed(1),
    'by hand': plain === undefined ? '' : show(plain),
    goal,
    'held (wall, cpu)':
      most === undefined || ours === undefined
        ? ''
        : [ours.wallMs, ours.cpuMs].map((ms) => (ms <= most ? 'yes' : 'NO')).join(', '),
  });
}

row('ingest of 10k bars', ({ ingest }) => ingest, hand.ingest, '<= 50 (200k/s)', 50);
row('the same 10k bars again', ({ again }) => again, undefined, '');
row('range of 10k bars', ({ range }) => range, hand.range, '<= 10', 10);
row(`newest of ${seriesCount} series`, ({ latest }) => latest, undefined, '<= 3', 3);
for (const name of Object.keys(sqlite?.standstills ?? {})) {
  const of = (one: Figures): Standstill =>
    one.standstills[name] ?? { wallMs: Number.NaN, cpuMs: Number.NaN, tookMs: Number.NaN };
  const plain = name === '1m to 1h' ? hand.scan : undefined;
  row(`standstill: ${name}`, of, plain, name === 'nothing' ? '' : '<= 20', name === 'nothing' ? undefined : 20);
  rows.push({
    what: '   it took',
    SQLite: sqlite ? of(sqlite).tookMs.toFixed(0) : '',
    PostgreSQL: server ? of(server).tookMs.toFixed(0) : '',
  });
}
console.log(
  `${longRows} bars in one series, ${seriesCount} more series of ${rowsEach}; medians in ms by the wall (of this thread's CPU time)`,
);
console.table(rows);
