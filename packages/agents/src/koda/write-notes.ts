import { Decimal, type EntryLeg, type EntryStyle, type Rate, type Signal } from '@perpdesk/core';
import type { StyleReason } from './choose-style.ts';
import type { MarketConditions } from './features.ts';

const reasons: Record<StyleReason, string> = {
  'beginner-strong': 'The signal is strong and the account is a beginner one, so it enters at once.',
  'first-trade': 'This is the first trade on this venue, so it enters in parts.',
  large: 'The order is large for this market, so it enters in parts.',
  'high-small': 'Confidence is high and the order small, so it waits for one precise price.',
  preference: 'Nothing speaks against your preferred way to enter.',
};

/** Why the rules chose a style. */
export const reasonNote = (reason: StyleReason): string => reasons[reason];

/** What the facts of an entry are written from. */
export interface FactRequest {
  readonly signal: Signal;
  readonly style: EntryStyle;
  readonly legs: readonly EntryLeg[];
  readonly slippage: Rate;
  readonly expiresAfterMs: number;
  readonly conditions: MarketConditions;
}

/** Three to five plain sentences, whoever chose: what is sent, how it is protected, what it may cost, what is not known. */
export function writeFacts({ signal, style, legs, slippage, expiresAfterMs, conditions }: FactRequest): string[] {
  const side = signal.direction === 'long' ? 'Buy' : 'Sell';
  const notes = [
    sent(side, style, legs),
    `The stop stands at ${signal.stopLoss}; about ${new Decimal(signal.riskAtStop).toFixed(2)} dollars are at risk, fees included.`,
    `Expect to slip by up to ${new Decimal(slippage).times(100).toFixed(3)} % of the price.`,
  ];
  if (legs.some((leg) => leg.type === 'limit')) {
    notes.push(`What has not filled after ${Math.max(1, Math.round(expiresAfterMs / 60_000))} minutes is cancelled.`);
  }
  if (conditions.mid === undefined) notes.push("There is no fresh quote, so prices were set from the plan's entry.");
  return notes;
}

function sent(side: string, style: EntryStyle, legs: readonly EntryLeg[]): string {
  if (style === 'market') return `${side} the whole size at the market.`;
  const rungs = legs.map(
    (leg) => `${new Decimal(leg.fraction).times(100).toFixed(0)} % at ${leg.price ?? 'the market'}`,
  );
  return `${side} ${rungs.join(', ')} by limit.`;
}
