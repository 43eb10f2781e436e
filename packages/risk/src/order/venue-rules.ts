import { isOnRule, type Price, type PriceRule } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { exact } from '../exact/exact.ts';
import { smallestSize } from '../recommendation/trimmed-size.ts';
import { notionalPrice } from './entry-order.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** Lot, tick and minimum of the venue. */
export const venueRules: OrderControl<EntryInput> = {
  name: 'venue-rules',
  check: (input) => {
    const { instrument, intent } = input;
    const price = notionalPrice(input);
    if (instrument === undefined || price === undefined)
      return refusal('instrument.unknown', 'The rules of the venue are not known.', 'known', 'unknown');
    if (!exact(intent.size).modulo(instrument.lotSize).isZero())
      return refusal('size.invalid', 'The size is not a multiple of the lot.', instrument.lotSize, intent.size);
    for (const field of ['price', 'triggerPrice', 'stopLoss'] as const) {
      const value = intent[field];
      if (value !== undefined && !isTaken(instrument.priceRule, value)) {
        return refusal(
          'price.invalid',
          `The ${field} is not a price the venue takes.`,
          ruleText(instrument.priceRule),
          value,
        );
      }
    }
    const smallest = smallestSize(instrument, price);
    return smallest.greaterThan(intent.size)
      ? refusal('size.below-minimum', 'The order is smaller than the venue takes.', smallest, intent.size)
      : undefined;
  },
};

/** True for a price the venue takes as it is. */
const isTaken = (rule: PriceRule, price: Price): boolean =>
  rule.kind === 'tick' ? exact(price).modulo(rule.tick).isZero() : isOnRule(rule, price);

const ruleText = (rule: NonNullable<EntryInput['instrument']>['priceRule']): string =>
  rule.kind === 'tick' ? `multiples of ${rule.tick}` : `${rule.figures} figures, ${rule.maxDecimals} decimals`;
