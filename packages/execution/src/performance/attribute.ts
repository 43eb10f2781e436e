import { Decimal, sum, toUsd, type Usd } from '@perpdesk/core';
import type { ClosedTrade } from './closed-trade.ts';

/** What closed trades are attributed by. */
export type AttributionAxis = 'agent' | 'archetype' | 'regime' | 'venue';

/** The result that goes to one name of an axis. */
export interface Attribution {
  readonly name: string;
  /** Trades it had a part in. */
  readonly trades: number;
  /** Of them, those that ended above zero, fees and funding included. */
  readonly won: number;
  readonly netPnl: Usd;
}

/** What trades without a recommendation are attributed to: those that people or others opened. */
export const unattributed = 'none';

/** Digits a share is rounded to; the first name takes what rounding leaves, so that the shares sum to the whole. */
const shareDigits = 8;

/**
 * Splits what closed trades made by agent, archetype, regime or venue; the sums are those of the trades, exactly. By agent a
 * trade is split among those who agreed with its direction, by weight × calibration factor × confidence, as the consensus
 * counted them. Largest result first, then by name.
 */
export function attribute(trades: readonly ClosedTrade[], axis: AttributionAxis): readonly Attribution[] {
  const names = new Map<string, { trades: number; won: number; parts: Usd[] }>();
  for (const trade of trades) {
    const won = new Decimal(trade.netPnl).greaterThan(0) ? 1 : 0;
    for (const [name, part] of sharesOf(trade, axis)) {
      const of = names.get(name) ?? { trades: 0, won: 0, parts: [] };
      names.set(name, { trades: of.trades + 1, won: of.won + won, parts: [...of.parts, part] });
    }
  }
  return [...names]
    .map(([name, { trades: count, won, parts }]) => ({ name, trades: count, won, netPnl: sum(parts) }))
    .sort((a, b) => new Decimal(b.netPnl).comparedTo(a.netPnl) || (a.name < b.name ? -1 : 1));
}

function sharesOf(trade: ClosedTrade, axis: AttributionAxis): readonly (readonly [string, Usd])[] {
  if (axis === 'venue') return [[trade.venue, trade.netPnl]];
  if (axis === 'archetype') return [[trade.recommendation?.archetype ?? unattributed, trade.netPnl]];
  if (axis === 'regime') return [[trade.recommendation?.regime ?? unattributed, trade.netPnl]];
  const agreed = (trade.recommendation?.contributors ?? [])
    .filter(({ direction }) => direction === trade.direction)
    .map(({ agent, confidence, factor, weight }) => ({
      agent,
      pull: new Decimal(weight).times(factor).times(confidence),
    }))
    .filter(({ pull }) => pull.greaterThan(0));
  const whole = agreed.reduce((total, { pull }) => total.plus(pull), new Decimal(0));
  const [first, ...others] = agreed;
  if (first === undefined) return [[unattributed, trade.netPnl]];
  const parts = others.map(
    ({ agent, pull }) =>
      [agent, new Decimal(trade.netPnl).times(pull).dividedBy(whole).toDecimalPlaces(shareDigits)] as const,
  );
  const rest = parts.reduce((left, [, part]) => left.minus(part), new Decimal(trade.netPnl));
  return [[first.agent, toUsd(rest)], ...parts.map(([agent, part]) => [agent, toUsd(part)] as const)];
}
