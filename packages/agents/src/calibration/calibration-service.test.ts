import {
  type Candle,
  type DomainEventMap,
  type MarketId,
  type Opinion,
  type OpinionScore,
  type Round,
  SimulatedClock,
  StoreError,
  type Timeframe,
  type Turn,
  timeframeMs,
} from '@perpdesk/core';
import { StaticMarketView, testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { exampleBus, publishClose, published } from '../testing/desk.ts';
import { exampleInstrument } from '../testing/market.ts';
import { CalibrationBook } from './calibration-book.ts';
import { CalibrationService, type CalibrationServiceOptions } from './calibration-service.ts';
import type { CalibrationStore } from './calibration-store.ts';
import { MemoryCalibrationStore } from './memory-calibration-store.ts';
import { SqlCalibrationStore } from './sql-calibration-store.ts';

const barMs = timeframeMs('15m');
const startMs = 100 * barMs;
const instrumentId = 'BTC-PERP@hyperliquid';

/** A market of 15m that has closed a hundred bars at 1,000, four wide, and closes where it is told. */
class Place {
  readonly clock = new SimulatedClock({ startAtMs: startMs });
  readonly bus = exampleBus(this.clock);
  readonly candles: Candle[] = [];
  readonly store: CalibrationStore;
  readonly options: Partial<CalibrationServiceOptions>;
  book = new CalibrationBook({ clock: this.clock });
  service: CalibrationService;

  constructor(options: Partial<CalibrationServiceOptions> = {}) {
    this.options = options;
    this.store = options.store ?? new MemoryCalibrationStore();
    for (let i = 0; i < 100; i += 1) this.candles.push(this.bar(i * barMs, 1_000));
    this.service = this.make();
  }

  make(): CalibrationService {
    const { clock, candles } = this;
    const instruments = [exampleInstrument()];
    // Reads what is closed by the clock of the bars so far.
    const marketView = {
      instrument: () => instruments[0],
      candles: (id: Candle['instrumentId'], timeframe: Timeframe, limit: number) =>
        new StaticMarketView({ clock, instruments, candles }).candles(id, timeframe, limit),
    } as unknown as CalibrationServiceOptions['marketView'];
    const { bus: eventBus, book, store } = this;
    return new CalibrationService({ ...{ eventBus, clock, marketView, book, store }, ...this.options });
  }

  bar(openAtMs: number, close: number, timeframe: Timeframe = '15m'): Candle {
    return { instrumentId, timeframe, openAtMs, open: close, high: close + 2, low: close - 2, close, volume: 1 };
  }

  /** The next bar closes, at a price, and is told unless it is lost. */
  async close(price: number, { lost = false } = {}): Promise<void> {
    const openAtMs = Math.floor(this.clock.nowMs() / barMs) * barMs;
    const candle = this.bar(openAtMs, price);
    await this.clock.advanceTo(openAtMs + barMs);
    if (lost) return;
    this.candles.push(candle);
    await publishClose(this.bus, candle);
    await this.clock.idle();
  }

  async say(change: Partial<Opinion> = {}): Promise<Opinion> {
    const { agent = 'vanta', market = 'BTC-PERP', atMs = this.clock.nowMs() } = change;
    const opinion: Opinion = {
      id: `opinion:${agent}:${market}:${atMs}`,
      ...{ agent, market, instrumentId, timeframe: '15m', atMs, refreshMs: barMs },
      ...{ direction: 'long', score: 40, confidence: 0.6, completeness: 1, source: 'rules' },
      ...{ keyLevels: [], evidence: [], reasoning: '', details: {} },
      ...change,
    };
    await this.bus.publish({ id: `told:${opinion.id}`, type: 'opinion.published', key: market, payload: opinion });
    await this.clock.idle();
    return opinion;
  }

  async scores(): Promise<readonly OpinionScore[]> {
    return (await published(this.bus, 'opinion.scored')).map(({ payload }) => payload);
  }

  async unscored(): Promise<readonly DomainEventMap['opinion.unscored'][]> {
    return (await published(this.bus, 'opinion.unscored')).map(({ payload }) => payload);
  }
}

const places: Place[] = [];
async function place(options: Partial<CalibrationServiceOptions> = {}): Promise<Place> {
  const made = new Place(options);
  places.push(made);
  await made.service.start();
  return made;
}
afterEach(async () => {
  for (const { service, bus } of places.splice(0)) {
    await service.stop();
    await bus.close();
  }
});

const summary = ({ agent, bars, move, hit, entryPrice, exitPrice }: OpinionScore) => [
  ...[agent, bars, move, hit],
  ...[entryPrice, exitPrice],
];

const databases = await testDatabases();

describe('CalibrationService', () => {
  it('default: scores an opinion after one bar and after four, and keeps its record', async () => {
    const desk = await place();
    await desk.say();
    await desk.close(1_000);
    expect((await desk.scores()).map(summary)).toEqual([['vanta', 1, 'flat', false, 1_000, 1_000]]);
    expect(desk.book.record('vanta')).toBeUndefined();
    for (const price of [1_001, 1_002, 1_003]) await desk.close(price);
    // 0.27 · 4 · √4 of 1,000 is 0.216 %, and the way there and back costs 0.09 %.
    const [, after] = await desk.scores();
    expect(after).toMatchObject({ bars: 4, move: 'up', hit: true, entryPrice: 1_000, exitPrice: 1_003 });
    expect(after?.band).toBeCloseTo(0.00216, 9);
    expect(desk.book.record('vanta')).toMatchObject({ scored: 1, hitRate: 1 });
    expect(desk.service.health()).toEqual({ status: 'healthy', detail: '0 views wait for their horizon' });
    expect(await desk.store.scores()).toEqual(await desk.scores());
  });

  it('behavior: the score follows the trace of what was said', async () => {
    const desk = await place();
    await desk.say();
    await desk.close(1_010);
    const [said] = await published(desk.bus, 'opinion.published');
    const [scored] = await published(desk.bus, 'opinion.scored');
    expect(scored).toMatchObject({
      id: `score:${said?.payload.id}:1`,
      key: 'BTC-PERP',
      traceId: said?.traceId,
      causationId: said?.id,
    });
  });

  it('behavior: minority, neutral and custom agents are scored like the rest, each by what it named', async () => {
    const desk = await place();
    await desk.say({ direction: 'short', confidence: 0.9 });
    await desk.say({ agent: 'luma', direction: 'neutral' });
    await desk.say({ agent: 'mine', direction: 'long' });
    await desk.close(990);
    expect((await desk.scores()).map(summary)).toEqual([
      ['vanta', 1, 'down', true, 1_000, 990],
      ['luma', 1, 'down', false, 1_000, 990],
      ['mine', 1, 'down', false, 1_000, 990],
    ]);
  });

  it('behavior: what is told again is scored once', async () => {
    const desk = await place();
    const opinion = await desk.say();
    const again = async (): Promise<void> => {
      await desk.bus.publish({
        id: `again:${desk.clock.nowMs()}`,
        type: 'opinion.published',
        key: 'BTC-PERP',
        payload: opinion,
      });
      await desk.clock.idle();
    };
    await again();
    for (let i = 0; i < 5; i += 1) {
      await desk.close(1_000);
      await again();
    }
    expect((await desk.scores()).map(({ bars }) => bars)).toEqual([1, 4]);
    expect(desk.book.detail({ agent: 'vanta' })?.count).toBe(2);
  });

  it('behavior: an outcome whose bar never came is unscored, with what was missing', async () => {
    const desk = await place();
    await desk.say();
    await desk.close(1_050, { lost: true });
    expect(await desk.scores()).toEqual([]);
    await desk.close(1_051);
    expect(await desk.unscored()).toMatchObject([
      { agent: 'vanta', bars: 1, reason: 'no-exit-price', confidence: 0.6 },
    ]);
    // The hole lies inside the longer horizon, whose ends are known.
    await desk.close(1_052);
    await desk.close(1_053);
    expect((await desk.scores()).map(summary)).toEqual([['vanta', 4, 'up', true, 1_000, 1_053]]);
    expect(desk.book.detail()?.count).toBe(1);
  });

  it('behavior: a bar that came late after all is taken', async () => {
    const desk = await place();
    await desk.say();
    const late = desk.bar(desk.clock.nowMs(), 1_020);
    await desk.close(0, { lost: true });
    desk.candles.push(late);
    await desk.close(1_000);
    expect((await desk.scores()).map(summary)).toEqual([['vanta', 1, 'up', true, 1_000, 1_020]]);
  });

  it('behavior: what waits beyond its horizon and is told again still counts once', async () => {
    const desk = await place();
    const opinion = await desk.say();
    const late = desk.bar(desk.clock.nowMs(), 1_020);
    await desk.close(0, { lost: true });
    desk.candles.push(late);
    await desk.bus.publish({ id: 'again', type: 'opinion.published', key: 'BTC-PERP', payload: opinion });
    await desk.clock.idle();
    await desk.close(1_000);
    expect((await desk.scores()).map(({ bars }) => bars)).toEqual([1]);
    expect(desk.book.detail()?.count).toBe(1);
  });

  it('behavior: without its own close or enough history there is nothing to hold it against', async () => {
    const desk = await place();
    await desk.say({ atMs: 5 * barMs });
    expect((await desk.unscored()).map(({ bars, reason }) => [bars, reason])).toEqual([
      [1, 'insufficient-history'],
      [4, 'insufficient-history'],
    ]);
    desk.candles.pop();
    await desk.say({ agent: 'luma' });
    await desk.close(1_000);
    expect((await desk.unscored()).slice(2)).toMatchObject([{ agent: 'luma', bars: 1, reason: 'no-entry-price' }]);
  });

  it('behavior: base rates are those of before it spoke; what comes after changes nothing', async () => {
    const told = async (later: number): Promise<readonly OpinionScore[]> => {
      const desk = await place();
      for (const price of [1_010, 1_020, 1_030]) {
        await desk.say();
        await desk.close(price);
      }
      await desk.say();
      for (let i = 0; i < 6; i += 1) {
        await desk.close(later);
        await desk.say();
      }
      return (await desk.scores()).filter(({ bars, atMs }) => bars === 1 && atMs <= startMs + 3 * barMs);
    };
    const [rise, fall] = [await told(1_100), await told(900)];
    const rates = rise.map(({ baseRates }) => baseRates);
    // Laplace: one of each, and what has come before the instant it spoke at.
    expect(rates.map(({ up }) => up)).toEqual([1 / 3, 1 / 3, 2 / 4, 3 / 5]);
    expect(fall.map(({ baseRates }) => baseRates)).toEqual(rates);
    expect(fall.slice(0, 3)).toEqual(rise.slice(0, 3));
    expect([rise[3]?.move, fall[3]?.move]).toEqual(['up', 'down']);
  });

  it('behavior: beside a model the rules are scored on the same trigger, and count as rules alone', async () => {
    const desk = await place();
    await desk.say({ source: 'model', ruled: { direction: 'short', score: -40, confidence: 0.7 } });
    for (let i = 0; i < 4; i += 1) await desk.close(1_100);
    expect((await desk.scores()).filter(({ bars }) => bars === 4)).toMatchObject([
      { word: 'opinion', source: 'model', hit: true, baseRates: { up: 1 / 3 } },
      { word: 'ruled', source: 'rules', hit: false, baseRates: { up: 1 / 3 } },
    ]);
    expect(desk.book.record('vanta')).toMatchObject({ scored: 1, hitRate: 1 });
    expect(desk.book.record('vanta', 'rules')).toMatchObject({ scored: 1, hitRate: 0 });
    // One outcome is one outcome, however many views it is the outcome of.
    await desk.say();
    await desk.close(1_100);
    const next = (await desk.scores()).find(({ atMs, bars }) => atMs === startMs + 4 * barMs && bars === 1);
    expect(next?.baseRates.up).toBe(2 / 4);
  });

  it('behavior: a view without a regime is filed under the one told last, while that holds', async () => {
    const desk = await place();
    await desk.say({ regime: 'trending' });
    await desk.say({ agent: 'luma' });
    await desk.say({ agent: 'luma', market: 'ETH-PERP' as MarketId });
    for (let i = 0; i < 5; i += 1) await desk.close(1_000);
    await desk.say({ agent: 'luma' });
    await desk.close(1_000);
    const luma = (await desk.scores()).filter(({ agent, bars }) => agent === 'luma' && bars === 1);
    expect(luma.map(({ market, regime }) => [market, regime])).toEqual([
      ['BTC-PERP', 'trending'],
      ['ETH-PERP', undefined],
      ['BTC-PERP', undefined],
    ]);
  });

  it('behavior: what comes of a release starts from the next close of 5m', async () => {
    const desk = await place();
    const atMs = desk.clock.nowMs() + 61_000;
    await desk.clock.advanceTo(atMs);
    await desk.say({ agent: 'meridian', atMs });
    const fine = async (price: number): Promise<void> => {
      const closeAtMs = Math.floor(desk.clock.nowMs() / 300_000) * 300_000 + 300_000;
      await desk.clock.advanceTo(closeAtMs);
      const candle = desk.bar(closeAtMs - 300_000, price, '5m');
      desk.candles.push(candle);
      await publishClose(desk.bus, candle);
      await desk.clock.idle();
    };
    for (const price of [1_005, 1_006, 1_007, 1_050]) await fine(price);
    expect((await desk.scores()).map(summary)).toEqual([['meridian', 1, 'up', true, 1_005, 1_050]]);
    expect((await desk.scores())[0]?.dueAtMs).toBe(startMs + 300_000 + barMs);
  });

  describe('last turns', () => {
    const round = (closeAtMs: number): Round => ({
      ...{
        key: `BTC-PERP:15m:${closeAtMs}`,
        market: 'BTC-PERP',
        instrumentId,
        timeframe: '15m',
        closeAtMs,
        mode: 'handoff',
      },
    });
    const turn = (index: number, agent: string, direction: Turn['direction']): Turn => ({
      ...{ index, agent, direction, confidence: 0.7, keyLevels: [], reasoning: '', evidence: [], source: 'rules' },
    });
    const consensus = (agents: readonly string[]): NonNullable<DomainEventMap['round.concluded']['consensus']> => ({
      ...{ direction: 'neutral', base: 0, disagreement: 0, confidence: 0, missing: [], stale: [] },
      votes: agents.map((agent) => ({ agent, direction: 'long', confidence: 0.7, weight: 1, factor: 1 })),
    });
    const debate = async (desk: Place, turns: readonly Turn[]): Promise<Round> => {
      const held = round(desk.clock.nowMs());
      const common = { key: 'BTC-PERP', traceId: `trace:${held.key}` };
      for (const said of turns) {
        const payload = { roundKey: held.key, turn: said };
        await desk.bus.publish({ ...common, type: 'turn.completed', payload });
      }
      await desk.clock.idle();
      return held;
    };
    const conclude = async (desk: Place, held: Round, agents: readonly string[]): Promise<void> => {
      const payload = { round: held, outcome: 'stood-aside', consensus: consensus(agents) } as const;
      await desk.bus.publish({ key: 'BTC-PERP', traceId: `trace:${held.key}`, type: 'round.concluded', payload });
      await desk.clock.idle();
    };

    it('default: the last word of each in a round is scored apart from its opinion', async () => {
      const desk = await place();
      await desk.say({ regime: 'quiet' });
      const held = await debate(desk, [turn(0, 'vanta', 'long'), turn(1, 'luma', 'long'), turn(2, 'vanta', 'short')]);
      await conclude(desk, held, ['vanta', 'luma']);
      await desk.close(990);
      expect((await desk.scores()).map(({ word, agent, hit, regime }) => [word, agent, hit, regime])).toEqual([
        ['opinion', 'vanta', false, 'quiet'],
        ['final-turn', 'vanta', true, 'quiet'],
        ['final-turn', 'luma', false, 'quiet'],
      ]);
      expect(desk.book.detail({ word: 'final-turn', agent: 'vanta' })?.hitRate).toBe(1);
    });

    it('behavior: turns said before a restart are read from the journal', async () => {
      const desk = await place();
      const held = await debate(desk, [turn(0, 'vanta', 'long')]);
      await desk.service.stop();
      desk.service = desk.make();
      await desk.service.start();
      await conclude(desk, held, ['vanta']);
      await desk.close(1_010);
      expect(await desk.scores()).toMatchObject([
        { subjectId: `turn:${held.key}:vanta`, word: 'final-turn', hit: true },
      ]);
    });
  });

  it('behavior: many markets that close together share a commit', async () => {
    let commits = 0;
    class Counting extends MemoryCalibrationStore {
      override commit(change: Parameters<CalibrationStore['commit']>[0]): Promise<void> {
        commits += 1;
        return super.commit(change);
      }
    }
    const desk = await place({ store: new Counting() });
    const says = Array.from({ length: 50 }, (_, i) => ({
      ...({ id: `told:${i}`, type: 'opinion.published', key: `M${i}-PERP` } as const),
      payload: { ...opinionOf(desk), id: `opinion:vanta:M${i}-PERP:0`, market: `M${i}-PERP` as MarketId },
    }));
    await Promise.all(says.map((event) => desk.bus.publish(event)));
    await desk.clock.idle();
    expect(commits).toBeLessThan(5);
    await desk.close(1_010);
    expect(await desk.scores()).toHaveLength(50);
    expect(commits).toBeLessThan(8);
  });

  it('error: a store that fails for a while loses nothing and counts nothing twice', async () => {
    let failures = 0;
    class Failing extends MemoryCalibrationStore {
      override async commit(change: Parameters<CalibrationStore['commit']>[0]): Promise<void> {
        failures -= 1;
        if (failures >= 0) throw new StoreError('database.failed', 'The disk is full.');
        return super.commit(change);
      }
    }
    const store = new Failing();
    const desk = await place({ store });
    failures = 1;
    await desk.say();
    expect(desk.service.health()).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('The disk is full.'),
    });
    await desk.clock.advanceBy(1_000);
    expect(desk.service.health()).toMatchObject({ status: 'healthy', detail: '2 views wait for their horizon' });
    failures = 2;
    await desk.close(1_010);
    await desk.clock.advanceBy(5_000);
    for (let i = 0; i < 4; i += 1) await desk.close(1_010);
    expect((await desk.scores()).map(({ bars }) => bars)).toEqual([1, 4]);
    expect(await store.scores()).toEqual(await desk.scores());
    expect(desk.book.detail()?.count).toBe(2);
    expect((await store.load()).baseRates.map(({ counts }) => counts)).toEqual([
      { up: 1, flat: 0, down: 0 },
      { up: 1, flat: 0, down: 0 },
    ]);
    expect(await desk.bus.deadLetters()).toEqual([]);
  });

  describe.each(databases)('on $title', ({ available, make }) => {
    it.skipIf(!available)(
      'behavior: what waits outlives a restart, and what came due meanwhile is settled',
      async () => {
        const database = await make();
        try {
          const store = new SqlCalibrationStore({ database: await database.open() });
          const desk = await place({ store });
          await desk.say({ confidence: 0.8 });
          await desk.say({ agent: 'luma', direction: 'neutral' });
          await desk.close(1_010);
          await desk.service.stop();
          // Bars close while nobody listens; the candles are there when it comes back.
          await desk.close(1_011);
          await desk.close(1_012);
          await desk.close(1_013);
          desk.book = new CalibrationBook({ clock: desk.clock });
          desk.service = desk.make();
          await desk.service.start();
          expect((await desk.scores()).map(summary)).toEqual([
            ['vanta', 1, 'up', true, 1_000, 1_010],
            ['luma', 1, 'up', false, 1_000, 1_010],
            ['luma', 4, 'up', false, 1_000, 1_013],
            ['vanta', 4, 'up', true, 1_000, 1_013],
          ]);
          expect(desk.book.record('vanta')).toMatchObject({ scored: 1, hitRate: 1 });
          expect(desk.book.detail()?.count).toBe(4);
          expect((await store.load()).pending).toEqual([]);
          await desk.service.stop();
          await desk.bus.close();
        } finally {
          places.length = 0;
          await database.drop();
        }
      },
    );
  });
});

const opinionOf = (desk: Place): Opinion => ({
  ...{ id: '', agent: 'vanta', market: 'BTC-PERP', instrumentId, timeframe: '15m', atMs: desk.clock.nowMs() },
  ...{ refreshMs: barMs, direction: 'long', score: 40, confidence: 0.6, completeness: 1, source: 'rules' },
  ...{ keyLevels: [], evidence: [], reasoning: '', details: {} },
});
