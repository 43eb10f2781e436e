import {
  Decimal,
  type EventBus,
  minus,
  type PerformanceMetrics,
  performanceMetrics,
  plus,
  sum,
  toNumber,
  toUsd,
  type Usd,
  zeroUsd,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { type Attribution, type AttributionAxis, attribute } from './attribute.ts';
import { type ClosedTrade, readClosedTrades } from './closed-trade.ts';
import { type EquityPoint, EquityStore } from './equity-store.ts';

/** What is reported on. */
export interface ReportQuery {
  readonly userId: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** One venue; default all together. */
  readonly venue?: string;
}

/** Equity of all the venues asked for at one instant, what was paid in or out since the first point taken out. */
export interface CurvePoint {
  readonly atMs: number;
  readonly equity: Usd;
  readonly unrealizedPnl: Usd;
}

/** How a user's portfolio did. */
export interface PortfolioReport {
  readonly userId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly equity: readonly CurvePoint[];
  readonly trades: readonly ClosedTrade[];
  /** Of the closed trades: before fees and funding, fees, funding received less paid, and what is left. */
  readonly realizedPnl: Usd;
  readonly fees: Usd;
  readonly funding: Usd;
  readonly netPnl: Usd;
  /** Of what is open at the end. */
  readonly unrealizedPnl: Usd;
  /** Sharpe, Sortino, drawdown, win rate, profit factor, exposure, …; for reading, in float64. */
  readonly metrics: PerformanceMetrics;
  readonly attribution: Readonly<Record<AttributionAxis, readonly Attribution[]>>;
}

/** Options of {@link PortfolioReporter}. */
export interface PortfolioReporterOptions {
  readonly eventBus: EventBus;
  readonly database: Database;
}

/** Reports what a user's portfolio made, from the journal and the equity written down. */
export class PortfolioReporter {
  readonly #eventBus: EventBus;
  readonly #store: EquityStore;

  constructor(options: PortfolioReporterOptions) {
    this.#eventBus = options.eventBus;
    this.#store = new EquityStore(options.database);
  }

  /** @throws StoreError */
  async report(query: ReportQuery): Promise<PortfolioReport> {
    const { fromMs, toMs, userId } = query;
    const equity = equityCurve(await this.#store.range(userId, query));
    const trades = await readClosedTrades(this.#eventBus, userId, query);
    const of = (pick: (trade: ClosedTrade) => Usd): Usd => sum(trades.map(pick));
    return {
      ...{ userId, fromMs, toMs, equity, trades },
      realizedPnl: of((trade) => trade.realizedPnl),
      fees: of((trade) => trade.fees),
      funding: of((trade) => trade.funding),
      netPnl: of((trade) => trade.netPnl),
      unrealizedPnl: equity.at(-1)?.unrealizedPnl ?? zeroUsd,
      metrics: performanceMetrics({
        series: { atMs: equity.map(({ atMs }) => atMs), equity: equity.map((point) => toNumber(point.equity)) },
        trades: trades.map(({ closedAtMs, netPnl, openedAtMs }) => ({
          openedAtMs,
          closedAtMs,
          netPnl: toNumber(netPnl),
        })),
        tradedNotional: trades.reduce((total, trade) => total + notionalOf(trade), 0),
      }),
      attribution: {
        agent: attribute(trades, 'agent'),
        archetype: attribute(trades, 'archetype'),
        regime: attribute(trades, 'regime'),
        venue: attribute(trades, 'venue'),
      },
    };
  }
}

/**
 * Sums accounts to one curve: at each instant the last known figure of every venue, from the first instant on at which all
 * of them are known. What was paid in or out since then is taken out again, so that it reads as no result.
 */
export function equityCurve(points: readonly EquityPoint[]): readonly CurvePoint[] {
  const venues = new Set(points.map(({ venue }) => venue));
  const last = new Map<string, EquityPoint>();
  const curve: CurvePoint[] = [];
  let paidInAtFirst: Usd | undefined;
  points.forEach((point, index) => {
    last.set(point.venue, point);
    if (last.size < venues.size || points[index + 1]?.atMs === point.atMs) return;
    const all = [...last.values()];
    const paidIn = sum(all.map(({ deposits }) => deposits));
    paidInAtFirst ??= paidIn;
    curve.push({
      atMs: point.atMs,
      equity: plus(minus(sum(all.map(({ equity }) => equity)), paidIn), paidInAtFirst),
      unrealizedPnl: sum(all.map(({ unrealizedPnl }) => unrealizedPnl)),
    });
  });
  return curve;
}

const notionalOf = ({ entryPrice, exitPrice, size }: ClosedTrade): number =>
  toNumber(toUsd(new Decimal(entryPrice).plus(exitPrice).times(size)));
