import {
  type Guidance,
  MemoryEventBus,
  minus,
  type Position,
  plus,
  toPrice,
  toRate,
  toSize,
  toUsd,
  type Usd,
} from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { testClock, testIds } from '@perpdesk/core/testing';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, it } from 'vitest';
import { marketLeg, noonMs, TradingDesk } from '../testing/trading-desk.ts';
import { exampleGuidance, exampleSignal } from '../trade/example-signal.ts';
import { attribute } from './attribute.ts';
import type { ClosedTrade } from './closed-trade.ts';
import { EquityRecorder } from './equity-recorder.ts';
import type { EquityPoint } from './equity-store.ts';
import { exportReport } from './export-report.ts';
import { equityCurve, PortfolioReporter } from './portfolio-report.ts';

const desks: TradingDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});
const always = { userId: 'alice', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const guidance = (): Guidance => exampleGuidance([marketLeg]);

const trade = (changes: Partial<ClosedTrade> = {}): ClosedTrade => ({
  ...{ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@paper', direction: 'long', size: toSize(1) },
  ...{ entryPrice: toPrice(100), exitPrice: toPrice(110), openedAtMs: 0, closedAtMs: 1, reason: 'take-profit' },
  ...{ realizedPnl: toUsd(10), fees: toUsd('0.1'), funding: toUsd(0), netPnl: toUsd('9.9'), traceId: 'trace' },
  ...changes,
});
const contributor = (agent: string, direction: 'long' | 'short' | 'neutral', weight: number) => ({
  ...{ agent, direction, weight, confidence: 0.8, factor: 1, source: 'rules' as const },
});

describe('PortfolioReporter', () => {
  it("default: what a day of trading made, exactly as the venue's ledger has it", async () => {
    const desk = await TradingDesk.run();
    desks.push(desk);
    const { clock, database, portfolio, users, venues } = desk;
    const recorder = new EquityRecorder({ users, venues, accounts: portfolio, database, clock });
    await recorder.start();
    await desk.guide({}, guidance());
    await desk.pass(1_800_000, 60_100);
    await desk.price(60_750);
    await desk.price(61_500);
    await desk.price(60_000);
    await desk.guide({ id: 'signal:second:alice' }, { ...guidance() });
    await desk.price(59_400);
    await desk.pass(600_000, 59_400);
    await recorder.stop();

    const report = await new PortfolioReporter({ eventBus: desk.eventBus, database }).report(always);
    expect(report.trades.map(({ reason }) => reason)).toEqual(['take-profit', 'stop-loss']);
    const ledger = await desk.paper.fetchAccount('alice');
    expect(report).toMatchObject({ realizedPnl: ledger.realizedPnl, fees: ledger.fees, funding: ledger.funding });
    const last = report.equity.at(-1)?.equity as Usd;
    const first = report.equity[0]?.equity as Usd;
    expect(minus(last, first)).toBe(report.netPnl);
    expect(report.equity.length).toBeGreaterThanOrEqual(8);
    expect(report.metrics).toMatchObject({ trades: 2, winRate: 0.5 });
    expect(report.attribution.agent).toEqual([{ name: 'none', trades: 2, won: 1, netPnl: report.netPnl }]);

    const rows: Record<string, string>[] = parse(exportReport(report, 'trades'), { columns: true });
    expect(rows.map((row) => row.net_pnl)).toEqual(report.trades.map(({ netPnl }) => netPnl));
    expect(rows[0]).toMatchObject({
      venue: 'paper',
      direction: 'long',
      reason: 'take-profit',
      trade_id: `trade:${exampleSignal().id}`,
    });
    const evil = { ...report, attribution: { agent: [{ name: '=1+1', trades: 1, won: 0, netPnl: toUsd(-1) }] } };
    expect(exportReport(evil as never, 'attribution')).toBe("axis,name,trades,won,net_pnl\nagent,'=1+1,1,0,-1\n");
    expect(parse(exportReport(report, 'equity'), { columns: true })).toHaveLength(report.equity.length);
    expect(rows[0]?.closed).toMatch(/^2026-01-05T12:3\d/);
  });

  it('behavior: each trade has the recommendation of its trace', async () => {
    await using database = await openDatabase({ url: 'sqlite::memory:' });
    const clock = testClock(noonMs);
    const eventBus = new MemoryEventBus({ clock, ids: testIds('report', clock) });
    const users = { active: async () => [], get: async () => undefined };
    const accounts = { account: () => undefined };
    const recorder = new EquityRecorder({
      ...{ users, accounts, database, clock },
      venues: { all: () => [], get: () => undefined } as never,
    });
    await recorder.start();
    await recorder.stop();
    const { recommendation: _, ...brief } = trade();
    const position: Position = {
      ...{ userId: 'alice', venue: 'paper', instrumentId: brief.instrumentId, direction: 'long', size: toSize(1) },
      ...{ entryPrice: toPrice(100), markPrice: toPrice(110), leverage: 2, marginMode: 'isolated', margin: toUsd(50) },
      ...{ unrealizedPnl: toUsd(0), realizedPnl: toUsd(10), openedAtMs: noonMs, updatedAtMs: noonMs },
    };
    const levels = {
      entry: toPrice(100),
      stopLoss: toPrice(95),
      takeProfits: [{ price: toPrice(110), fraction: toRate(1) }],
    };
    await eventBus.publish({
      ...{ type: 'recommendation.published', key: 'BTC-PERP', traceId: 'trace-1' },
      payload: {
        ...{ id: 'recommendation:1', roundKey: 'r', market: 'BTC-PERP', instrumentId: 'BTC-PERP@paper' },
        ...{ timeframe: '15m', direction: 'long', ...levels, confidence: 0.7, archetype: 'momentum', scaling: 'fixed' },
        ...{ regime: 'trending', atr: 1, atrMedian: 1, reasoning: 'r', createdAtMs: 0, expiresAtMs: 1 },
        contributors: [contributor('vanta', 'long', 0.4), contributor('luma', 'short', 0.35)],
      },
    });
    for (const [traceId, realizedPnl] of [
      ['trace-1', 10],
      ['trace-2', -4],
    ] as const) {
      await eventBus.publish({
        ...{ type: 'position.closed', key: 'alice', userId: 'alice', traceId },
        payload: {
          ...{ position, reason: 'take-profit', exitPrice: toPrice(110), realizedPnl: toUsd(realizedPnl) },
          ...{ fees: toUsd('0.1'), funding: toUsd('-0.2') },
        },
      });
    }
    const reporter = new PortfolioReporter({ eventBus, database });
    const { attribution, netPnl } = await reporter.report(always);
    expect(netPnl).toBe('5.4');
    expect(attribution.archetype).toEqual([
      { name: 'momentum', trades: 1, won: 1, netPnl: '9.7' },
      { name: 'none', trades: 1, won: 0, netPnl: '-4.3' },
    ]);
    expect(attribution.regime[0]).toMatchObject({ name: 'trending' });
    expect(attribution.agent.map(({ name, netPnl: part }) => [name, part])).toEqual([
      ['vanta', '9.7'],
      ['none', '-4.3'],
    ]);
    expect((await reporter.report({ ...always, venue: 'other' })).trades).toEqual([]);
  });
});

describe('attribute', () => {
  it('default: a trade is split among those who agreed, and the parts sum to it to the last digit', () => {
    const recommendation: NonNullable<ClosedTrade['recommendation']> = {
      ...{ id: 'r', archetype: 'breakout', regime: 'volatile' },
      contributors: [contributor('a', 'long', 0.4), contributor('b', 'long', 0.35), contributor('c', 'neutral', 0.25)],
    };
    const agents = attribute([trade({ recommendation, netPnl: toUsd(10) })], 'agent');
    expect(agents.map(({ name, netPnl }) => [name, netPnl])).toEqual([
      ['a', '5.33333333'],
      ['b', '4.66666667'],
    ]);
    expect(agents.map(({ netPnl }) => netPnl).reduce((a, b) => plus(a, b))).toBe('10');
  });

  it("behavior: nobody agreed, or nobody recommended: it is nobody's", () => {
    const recommendation: NonNullable<ClosedTrade['recommendation']> = {
      ...{ id: 'r', archetype: 'fade', contributors: [contributor('a', 'short', 0.4)] },
    };
    expect(attribute([trade({ recommendation }), trade()], 'agent')).toEqual([
      { name: 'none', trades: 2, won: 2, netPnl: '19.8' },
    ]);
  });
});

describe('equityCurve', () => {
  const point = (venue: string, atMs: number, equity: number, deposits = 1_000): EquityPoint => ({
    ...{ userId: 'alice', venue, atMs, equity: toUsd(equity), unrealizedPnl: toUsd(0), deposits: toUsd(deposits) },
  });

  it('default: venues are summed at their last known figures, from where all are known', () => {
    const points = [point('a', 1, 100), point('b', 2, 50), point('a', 3, 110), point('a', 4, 120), point('b', 4, 60)];
    expect(equityCurve(points).map(({ atMs, equity }) => [atMs, equity])).toEqual([
      [2, '150'],
      [3, '160'],
      [4, '180'],
    ]);
  });

  it('behavior: what is paid in is no result', () => {
    const points = [point('a', 1, 1_000), point('a', 2, 1_500, 1_500), point('a', 3, 1_490, 1_500)];
    expect(equityCurve(points).map(({ equity }) => equity)).toEqual(['1000', '1000', '990']);
  });
});
