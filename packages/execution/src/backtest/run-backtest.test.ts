import {
  type Guidance,
  minus,
  plus,
  SeededRandom,
  type Signal,
  StaticUserDirectory,
  type Ticker,
  toUsd,
} from '@perpdesk/core';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { StaticMarketView } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { PositionCloser } from '../controls/position-closer.ts';
import { PositionGuard } from '../guard/position-guard.ts';
import { OrderDesk } from '../orders/order-desk.ts';
import { exampleInstrument } from '../paper/example-paper.ts';
import { PaperVenue } from '../paper/paper-venue.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import { TestGate } from '../testing/test-gate.ts';
import { btc, exampleUser, marketLeg, noonMs } from '../testing/trading-desk.ts';
import { exampleGuidance, exampleSignal } from '../trade/example-signal.ts';
import { TradeService } from '../trade/trade-service.ts';
import { VenueDirectory } from '../venue/venue-directory.ts';
import { LocalWorkflowEngine } from '../workflow-engine/local-workflow-engine.ts';
import { backtestReportSchema, deskReport } from './backtest-report.ts';
import { type BacktestContext, type BacktestDesk, runBacktest } from './run-backtest.ts';

const minutes = 180;

/** Prices of each minute; those from `cut` on are of another walk. */
function pricePath(cut = minutes): number[] {
  const [random, other] = [new SeededRandom('path'), new SeededRandom('other')];
  let price = 60_000;
  return Array.from({ length: minutes }, (_, minute) => {
    price += Math.round(((minute < cut ? random : other).next() - 0.5) * 400);
    return price;
  });
}

/** The trading side of a desk, real from signal to paper venue; every 20th minute a signal comes. */
async function tradingSide(context: BacktestContext, prices: readonly number[]): Promise<BacktestDesk> {
  const { clock, wallClock, ids, eventBus, marketBus, logger } = context;
  const database = await context.database();
  const tickers: Ticker[] = [];
  const marketView = new StaticMarketView({ clock, instruments: [exampleInstrument()], tickers });
  const authority = new HmacApprovalAuthority({ clock, ids });
  const paper = new PaperVenue({
    ...{ clock, marketBus, marketView, logger },
    database: await context.database('paper'),
    verifier: authority.verifier(),
  });
  const users = new StaticUserDirectory({ users: [exampleUser()] });
  const venues = new VenueDirectory([paper]);
  const riskGate = new TestGate(authority);
  const shared = { users, venues, marketView, eventBus, database, clock, logger };
  const portfolio = new Portfolio(shared);
  const orderDesk = new OrderDesk({ ...shared, riskGate });
  const closer = new PositionCloser({ orderDesk, venues, clock });
  const guard = new PositionGuard({ ...shared, orderDesk, portfolio, closer });
  const engine = new LocalWorkflowEngine({ database, clock, leaseMs: 86_400_000, logger });
  const trades = new TradeService({
    ...shared,
    engine,
    closer,
    orderDesk,
    guard,
    accounts: portfolio,
    riskGate,
    wallClock,
  });
  const size = context.parameters.size === 'small' ? '0.01' : '0.1';

  const guide = async (number: number, price: number): Promise<void> => {
    const nowMs = clock.nowMs();
    const signal = exampleSignal({
      id: `signal:${number}`,
      recommendationId: `recommendation:${number}`,
      size: size as Signal['size'],
      entry: String(price) as Signal['entry'],
      stopLoss: String(price - 300) as Signal['entry'],
      takeProfits: [{ price: String(price + 300) as Signal['entry'], fraction: '1' as never }],
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 900_000,
    });
    const guidance: Guidance = { ...exampleGuidance([marketLeg]), signalId: signal.id };
    const id = `guidance:${signal.id}`;
    const payload = { signal, guidance };
    await eventBus.publish({ id, type: 'guidance.published', key: 'alice', userId: 'alice', traceId: id, payload });
  };
  let stopped = false;
  return {
    services: [paper, portfolio, guard, trades],
    accounts: portfolio,
    userId: 'alice',
    player: {
      prepare: async () => clock.startAt(noonMs),
      run: async () => {
        for (const [minute, price] of prices.entries()) {
          if (stopped || noonMs + minute * 60_000 > (context.toMs ?? Number.POSITIVE_INFINITY)) break;
          await clock.advanceTo(noonMs + minute * 60_000);
          const moments = { exchangeAtMs: clock.nowMs(), receivedAtMs: clock.nowMs() };
          const ticker: Ticker = {
            instrumentId: btc,
            bid: price - 1,
            ask: price + 1,
            last: price,
            mark: price,
            ...moments,
          };
          tickers.push(ticker);
          await marketBus.publish('ticker.updated', btc, ticker);
          await clock.idle();
          if (minute % 20 === 5) await guide(minute, price);
          await clock.idle();
        }
      },
      stop: async () => {
        stopped = true;
      },
    },
  };
}

const run = (prices = pricePath(), more = {}) =>
  runBacktest({ createServices: (context) => tradingSide(context, prices), equityEveryMs: 600_000, ...more });

describe('runBacktest', () => {
  it('default: trades through the paper venue, adds up to the last decimal, and repeats to the byte', async () => {
    const [first, second] = await Promise.all([run(), run()]);
    expect(second).toEqual(first);
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(first.fills.length).toBeGreaterThan(6);
    expect(first.trades.length).toBeGreaterThan(3);
    expect(first.counts['order.filled']).toBe(first.fills.length);
    const { equityStart, pnl, fees, funding, equityEnd } = first;
    expect(plus(minus(plus(equityStart, pnl), fees), funding)).toBe(equityEnd);
    expect(Number(fees)).toBeGreaterThan(0);
    const sum = first.fills.reduce((total, { fee }) => plus(total, fee), toUsd(0));
    expect(sum).toBe(fees);
    expect(first.fromMs).toBe(noonMs);
    expect(first.equity[0]).toEqual({ atMs: noonMs, equity: equityStart });
    expect(first.equity.at(-1)).toEqual({ atMs: first.toMs, equity: equityEnd });
    expect(first.equity).toHaveLength(19);
    const report = deskReport(first, { name: 'trading side' });
    expect(backtestReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report.metrics.trades).toBe(first.trades.length);
    for (const [index, trade] of first.trades.entries())
      expect(report.trades[index]?.netPnl).toBe(plus(minus(trade.realizedPnl, trade.fees), trade.funding));
    expect(report).toMatchObject({ arithmetic: 'decimal', equityEnd, digest: first.digest });
  });

  it('behavior: without a digest all else is the same', async () => {
    const [whole, without] = await Promise.all([run(), run(pricePath(), { digest: false })]);
    const { digest, ...rest } = whole;
    expect(digest).toBeDefined();
    expect(without).toEqual(rest);
    expect('digest' in without).toBe(false);
    const report = deskReport(without, { name: 'trading side' });
    expect('digest' in backtestReportSchema.parse(JSON.parse(JSON.stringify(report)))).toBe(false);
  });

  it('behavior: prices after an instant change nothing decided up to it', async () => {
    const cut = 100;
    const untilMs = noonMs + (cut - 1) * 60_000;
    const [whole, other, short] = await Promise.all([run(), run(pricePath(cut)), run(pricePath(), { toMs: untilMs })]);
    const upTo = ({ fills, equity }: Awaited<ReturnType<typeof run>>) => ({
      fills: fills.filter(({ atMs }) => atMs <= untilMs),
      equity: equity.filter(({ atMs }) => atMs <= untilMs),
    });
    expect(upTo(other)).toEqual(upTo(whole));
    expect(upTo(short).fills).toEqual(upTo(whole).fills);
    expect(upTo(whole).fills.length).toBeGreaterThan(3);
    expect(other.digest).not.toBe(whole.digest);
    expect(other.equityEnd).not.toBe(whole.equityEnd);
  });

  it('behavior: chance and ids repeat with the seed, each database is one', async () => {
    const drawn = async (seed: string) => {
      const seen: unknown[] = [];
      const ended = runBacktest({
        seed,
        createServices: async ({ random, ids, database }) => {
          const [once, again, other] = [await database('a'), await database('a'), await database('b')];
          seen.push(random.next(), ids.next('x'), once === again, once === other);
          throw new Error('seen');
        },
      });
      await expect(ended).rejects.toThrow('seen');
      return seen;
    };
    const first = await drawn('one');
    expect(first.slice(2)).toEqual([true, false]);
    expect(await drawn('one')).toEqual(first);
    expect((await drawn('two')).slice(0, 2)).not.toEqual(first.slice(0, 2));
  });

  it('behavior: parameters reach the desk', async () => {
    const { fills } = await run(pricePath(), { parameters: { size: 'small' } });
    expect(fills[0]?.size).toBe('0.01');
  });

  it('error: a service that does not start, a user without an account, an abort', async () => {
    const withDesk = (change: (desk: BacktestDesk) => BacktestDesk, more = {}) =>
      runBacktest({
        createServices: async (context) => change(await tradingSide(context, pricePath())),
        ...more,
      });
    const events: string[] = [];
    const broken = withDesk((desk) => ({
      ...desk,
      services: [
        ...desk.services,
        {
          name: 'broken',
          start: () => Promise.reject(new Error('no')),
          stop: async () => void events.push('stopped'),
          health: () => ({ status: 'stopped' as const }),
        },
      ],
      dispose: async () => void events.push('disposed'),
    }));
    await expect(broken).rejects.toThrow(/broken/);
    expect(events).toEqual(['stopped', 'disposed']);
    await expect(withDesk((desk) => ({ ...desk, userId: 'bob' }))).rejects.toMatchObject({
      code: 'backtest.no-account',
    });
    const reason = new Error('enough');
    const aborter = new AbortController();
    const aborted = withDesk(
      (desk) => ({
        ...desk,
        player: {
          ...desk.player,
          run: async () => {
            aborter.abort(reason);
            await desk.player.run();
          },
        },
      }),
      { signal: aborter.signal },
    );
    await expect(aborted).rejects.toBe(reason);
  });
});
