import type { Price } from '../decimal.ts';
import type { PriceRule } from '../domain/instrument.ts';
import type { Side } from '../domain/market-data.ts';
import type { TradeDirection } from '../domain/opinion.ts';
import { roundPrice } from './price-rounding.ts';

/** A price at which a position is left: by loss or by profit. */
export type ProtectiveKind = 'stop-loss' | 'take-profit';

/**
 * Rounds the trigger of a protective order towards firing earlier: a long's stop and a short's take profit up, a long's
 * take profit and a short's stop down (DESIGN §5).
 * @throws ValidationError `price-rule.invalid`
 */
export function roundProtectiveTrigger(
  rule: PriceRule,
  options: { readonly direction: TradeDirection; readonly kind: ProtectiveKind; readonly price: Price },
): Price {
  const up = (options.direction === 'long') === (options.kind === 'stop-loss');
  return roundPrice(rule, options.price, up ? 'up' : 'down');
}

/**
 * Rounds a limit away from crossing: a buy's down, a sell's up (DESIGN §5).
 * @throws ValidationError `price-rule.invalid`
 */
export const roundLimitPrice = (rule: PriceRule, side: Side, price: Price): Price =>
  roundPrice(rule, price, side === 'buy' ? 'down' : 'up');
