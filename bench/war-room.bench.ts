// What a round of the War Room takes beside the time of models: p50 and p99 of milliseconds from the candle's close to the end of the round, all
// opinions given, over the whole service and a bus in memory. Panels: words at once (the room alone) and the agents' rules on computed
// features; modes graph and handoff; without checkpoints, with SQLite's in a file and with PostgreSQL's. Then 200 symbols that close on one
// minute, agents' opinions included, and the heap after 1,000 to 10,000 rounds. Goals: graph mode 2 ms, 15 ms and 40 ms p50; 200 symbols in 3 s;
// a flat heap. WAR_ROOM_BENCH_ROUNDS (default 300 a row; 10,000 for the heap).
// Run: node --conditions=@perpdesk/source bench/war-room.bench.ts
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openCheckpoints } from '../packages/agents/src/checkpoints/index.ts';
import {
  AgentService,
  type Checkpointer,
  Luma,
  Meridian,
  Vanta,
  WarRoom,
  WarRoomService,
} from '../packages/agents/src/index.ts';
import { closedCandle, publishClose } from '../packages/agents/src/testing/desk.ts';
import {
  exampleCandles,
  exampleFunding,
  exampleInstrument,
  exampleOpenInterest,
  startAtMs,
} from '../packages/agents/src/testing/market.ts';
import {
  type Candle,
  type Instrument,
  type InstrumentId,
  type MarketId,
  MemoryEventBus,
  marketOf,
  type Opinion,
  SeededRandom,
  type SensingAgent,
  SimulatedClock,
  SortableIdGenerator,
  SystemClock,
  type Timeframe,
  timeframeMs,
  type WarRoomMode,
} from '../packages/core/src/index.ts';
import { StaticMarketView, type TestDatabaseKind, testDatabases } from '../packages/core/src/testing/index.ts';

const rounds = Number(process.env.WAR_ROOM_BENCH_ROUNDS ?? 300);
const rememberedRounds = 10_000;
const atMs = startAtMs + 14 * 86_400_000;
const candles = exampleCandles({ drift: () => 0.000_02 });

const barMs = timeframeMs('15m');
const price = candles.findLast(({ timeframe }) => timeframe === '15m')?.close ?? 60_000;
const btc = exampleInstrument('BTC-PERP');

/** As many markets as anybody asks for, all of which move alike and stay as fresh as they are. */
class AlikeMarkets extends StaticMarketView {
  readonly #markets: readonly MarketId[];

  constructor(clock: SimulatedClock, markets: readonly MarketId[]) {
    super({
      ...{ clock, candles, instruments: [btc], freshForMs: Number.POSITIVE_INFINITY },
      tickers: [
        {
          instrumentId: btc.id,
          ...{ last: price, mark: price, bid: price - 1, ask: price + 1, exchangeAtMs: atMs, receivedAtMs: atMs },
        },
      ],
      openInterest: exampleOpenInterest(btc.id, atMs, 2),
      funding: exampleFunding(btc.id, atMs, [0.000_01, 0.000_012, 0.000_015, 0.000_011]),
    });
    this.#markets = markets;
  }

  override instruments(): readonly Instrument[] {
    return this.#markets.map((market) => exampleInstrument(market));
  }
  override instrument(id: InstrumentId): Instrument {
    return { ...btc, id, market: marketOf(id) };
  }
  override reference(market: MarketId): Instrument {
    return this.instrument(`${market}@hyperliquid`);
  }
  override candles(_: InstrumentId, timeframe: Timeframe, limit: number): readonly Candle[] {
    return super.candles(btc.id, timeframe, limit);
  }
  override ticker() {
    return super.ticker(btc.id);
  }
  override openInterest(_: InstrumentId, ...rest: [number]) {
    return super.openInterest(btc.id, ...rest);
  }
  override funding(_: InstrumentId, ...rest: [number]) {
    return super.funding(btc.id, ...rest);
  }
}

const byRules = (marketView: StaticMarketView, clock: SimulatedClock): readonly SensingAgent[] => [
  new Vanta({ marketView, clock }),
  new Luma({ marketView, derivativesView: marketView, clock }),
  new Meridian({ marketView, macroView: marketView, clock }),
];

/** The same agents, whose words cost nothing: what remains is the room. */
const atOnce = (agents: readonly SensingAgent[]): readonly SensingAgent[] =>
  agents.map(({ name, weight, triggers, refreshMs }) => ({
    ...{ name, weight, triggers, refreshMs },
    opine: async () => undefined,
    debate: async ({ opinion, transcript }) => {
      const { agent, direction, confidence, keyLevels, reasoning, evidence, source } = opinion;
      return { index: transcript.length, agent, direction, confidence, keyLevels, reasoning, evidence, source };
    },
  }));

/** What an agent says of the market, made sure enough that a plan comes of it. */
async function exampleOpinion([first]: readonly SensingAgent[], confidence: number): Promise<Opinion> {
  const request = { market: btc.market, instrumentId: btc.id, atMs, deadlineMs: 12_000 };
  const opinion = await first?.opine(request);
  if (opinion === undefined) throw new Error('There is no opinion to hold rounds on.');
  return { ...opinion, direction: 'long', score: 60, confidence };
}

const memoryBus = (clock: SimulatedClock, journalSize: number): MemoryEventBus =>
  new MemoryEventBus({
    clock,
    journalSize,
    ids: new SortableIdGenerator({ clock, random: new SeededRandom('bench') }),
  });

interface Setting {
  readonly mode: WarRoomMode;
  readonly panel: 'at once' | 'rules';
  readonly checkpointer?: Checkpointer | undefined;
  /** From 0.75 on the devil's advocate speaks too. */
  readonly confidence?: number;
}

/** A desk of one room, whose opinions are given and whose rounds are told of when they end. */
async function openRoom({ mode, panel, checkpointer, confidence = 0.74 }: Setting) {
  const clock = new SimulatedClock({ startAtMs: atMs });
  const marketView = new AlikeMarkets(clock, ['BTC-PERP']);
  const real = byRules(marketView, clock);
  const eventBus = memoryBus(clock, 2_000);
  const warRoom = new WarRoom({
    ...{ agents: panel === 'rules' ? real : atOnce(real), marketView, mode, wallClock: new SystemClock() },
    ...(checkpointer === undefined ? {} : { checkpointer }),
  });
  const service = new WarRoomService({ warRoom, eventBus, marketView, clock });
  await service.start();
  let end: (outcome: string) => void = () => {};
  eventBus.subscribe({ group: 'bench', types: ['round.concluded'] }, ({ payload }) => end(payload.outcome));
  const like = await exampleOpinion(real, confidence);
  return {
    clock,
    /** Milliseconds from the close to the end of its round, and those of them that the thread was at work. */
    hold: async (market: MarketId, closeAtMs: number): Promise<readonly [number, number]> => {
      for (const { name, refreshMs } of real) {
        const id = `opinion:${name}:${market}:${closeAtMs}`;
        const said = { ...like, id, agent: name, market, atMs: closeAtMs, refreshMs };
        await eventBus.publish({ id, type: 'opinion.published', key: market, payload: said });
      }
      await clock.idle();
      const ended = new Promise<string>((resolve) => {
        end = resolve;
      });
      const before = process.threadCpuUsage();
      const startedAt = performance.now();
      await publishClose(eventBus, closedCandle(`${market}@hyperliquid`, '15m', closeAtMs));
      const outcome = await ended;
      const took = performance.now() - startedAt;
      const { user, system } = process.threadCpuUsage(before);
      if (outcome !== 'published') throw new Error(`A round ${outcome}.`);
      return [took, (user + system) / 1_000];
    },
    close: async () => {
      await service.stop();
      await eventBus.close();
    },
  };
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

async function row(name: string, setting: Setting, goal?: number): Promise<void> {
  const room = await openRoom(setting);
  const times: (readonly [number, number])[] = [];
  // Each round on a market of its own, all at one instant; the first fifth warms up.
  for (let round = 0; round < rounds * 1.25; round += 1) times.push(await room.hold(`M${round}-PERP`, atMs));
  await room.close();
  const warm = times.slice(Math.ceil(rounds / 4));
  const [wall, work] = ([0, 1] as const).map((at) => warm.map((time) => time[at]).sort((a, b) => a - b));
  if (wall === undefined || work === undefined) return;
  const bound = goal === undefined ? '' : ` (≤ ${goal}: ${(quantile(wall, 0.5) / goal).toFixed(2)}×)`;
  // The kernel counts a thread's time in ticks: only the mean says something.
  const mean = work.reduce((sum, ms) => sum + ms, 0) / work.length;
  const [p50, p99, worked] = [quantile(wall, 0.5), quantile(wall, 0.99), mean].map((ms) => ms.toFixed(2));
  console.log(
    `${name.padEnd(50)} p50 ${`${p50} ms${bound}`.padEnd(24)} p99 ${p99} ms; the thread at work, mean ${worked} ms`,
  );
}

async function checkpointed(kind: TestDatabaseKind | undefined, name: string, goal: number): Promise<void> {
  if (kind === undefined || !kind.available) {
    console.log(`${name}: ${kind?.title ?? 'no such database'}`);
    return;
  }
  for (const mode of ['graph', 'handoff'] as const) {
    const database = await kind.make();
    const checkpointer = await openCheckpoints({ database: await database.open(), clock: new SystemClock() });
    const setting = { mode, panel: 'at once', checkpointer } as const;
    await row(`${mode}, checkpoints in ${name}`, setting, mode === 'graph' ? goal : undefined);
    await database.drop();
  }
}

/** Seconds from the closes of all symbols on one minute to the last round's end: opinions, debates and plans by rules. */
async function manySymbols(count: number, mode: WarRoomMode): Promise<void> {
  const clock = new SimulatedClock({ startAtMs: atMs });
  const markets = Array.from({ length: count }, (_, index): MarketId => `S${index}-PERP`);
  const marketView = new AlikeMarkets(clock, markets);
  const agents = byRules(marketView, clock);
  const eventBus = memoryBus(clock, 100_000);
  const services = [
    new WarRoomService({
      warRoom: new WarRoom({ agents, marketView, mode, wallClock: new SystemClock() }),
      ...{ eventBus, marketView, clock },
    }),
    ...agents.map((agent) => new AgentService({ agent, marketView, eventBus, clock })),
  ];
  for (const service of services) await service.start();
  const before = process.threadCpuUsage();
  const startedAt = performance.now();
  for (const market of markets)
    for (const timeframe of ['5m', '15m', '1h'] as const)
      await publishClose(eventBus, closedCandle(`${market}@hyperliquid`, timeframe, atMs));
  await clock.idle();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.threadCpuUsage(before);
  const ended = await eventBus.read({ types: ['round.concluded'], limit: count * 2 });
  const said = await eventBus.read({ types: ['opinion.published'], limit: count * 4 });
  if (ended.length !== count) throw new Error(`${ended.length} of ${count} rounds ended.`);
  const bound = `(≤ 3: ${(seconds / 3).toFixed(2)}×)`;
  console.log(
    `${`${count} symbols on one minute, ${mode}, ${said.length} opinions`.padEnd(50)} ${seconds.toFixed(2)} s ${bound}; the thread at work ${((user + system) / 1e6).toFixed(2)} s`,
  );
  for (const service of services) await service.stop();
  await eventBus.close();
}

/** The heap after a collection, in megabytes, each so many rounds of one market. */
async function remembered(mode: WarRoomMode, checkpointer?: Checkpointer): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const room = await openRoom({ mode, panel: 'at once', checkpointer, confidence: 0.8 });
  const heap: string[] = [];
  for (let round = 1; round <= rememberedRounds; round += 1) {
    await room.clock.advanceBy(barMs);
    await room.hold('BTC-PERP', atMs + round * barMs);
    if (round % 1_000 !== 0) continue;
    collect();
    heap.push((process.memoryUsage().heapUsed / 2 ** 20).toFixed(1));
  }
  await room.close();
  console.log(
    `heap in MB each 1,000 rounds, ${mode}${checkpointer === undefined ? '' : ' with SQLite checkpoints'}: ${heap.join(', ')}`,
  );
}

for (const mode of ['graph', 'handoff'] as const) {
  const goal = mode === 'graph' ? 2 : undefined;
  await row(`${mode}, words at once`, { mode, panel: 'at once' }, goal);
  await row(`${mode}, words at once, devil's advocate`, { mode, panel: 'at once', confidence: 0.8 }, goal);
  await row(`${mode}, words by rules`, { mode, panel: 'rules' }, goal);
}
const kinds = await testDatabases();
await checkpointed(
  kinds.find(({ title }) => title === 'SQLite file'),
  'SQLite',
  15,
);
await checkpointed(
  kinds.find(({ title }) => title.startsWith('PostgreSQL')),
  'PostgreSQL',
  40,
);
for (const mode of ['graph', 'handoff'] as const) await manySymbols(200, mode);
for (const mode of ['graph', 'handoff'] as const) await remembered(mode);
