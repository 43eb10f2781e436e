import { Decimal, isOnLot, isOnRule, toRate, toSize } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../paper/example-paper.ts';
import { entryIntents } from './entry-intents.ts';
import { exampleGuidance, exampleSignal, limitLeg } from './example-signal.ts';

const about = { tradeId: 'trade:1', traceId: 'trace:1' };
const intents = (...given: Parameters<typeof exampleGuidance>) =>
  entryIntents(exampleSignal(), exampleGuidance(...given), exampleInstrument(), about);

describe('entryIntents', () => {
  it('default: a ladder splits the size by lots, the last leg takes the rest', () => {
    const legs = intents([limitLeg(59_990, '0.333'), limitLeg(59_950, '0.333'), limitLeg(59_900, '0.334')]);
    expect(legs.map(({ step, intent }) => [step, intent.type, intent.price, intent.size])).toEqual([
      ['entry-0', 'limit', '59990', '0.033'],
      ['entry-1', 'limit', '59950', '0.033'],
      ['entry-2', 'limit', '59900', '0.034'],
    ]);
    expect(legs[0]?.intent).toMatchObject({
      side: 'buy',
      reduceOnly: false,
      purpose: 'entry',
      stopLoss: '59500',
      timeInForce: 'gtc',
      ...about,
    });
  });

  it('default: a market leg is bounded by the slippage, rounded away from crossing', () => {
    const [leg] = intents([{ type: 'market', fraction: toRate(1) }], { slippage: toRate('0.0012345') });
    expect(leg?.intent).toMatchObject({ type: 'market', timeInForce: 'ioc', price: '60074', size: '0.1' });
    const [short] = entryIntents(
      exampleSignal({ direction: 'short' }),
      exampleGuidance([{ type: 'market', fraction: toRate(1) }]),
      exampleInstrument(),
      about,
    );
    expect(short?.intent).toMatchObject({ side: 'sell', price: '59940' });
  });

  it('behavior: a leg below the minimum goes to the last', () => {
    const legs = entryIntents(
      exampleSignal({ size: toSize('0.003') }),
      exampleGuidance([limitLeg(59_990, '0.3'), limitLeg(59_900, '0.7')]),
      exampleInstrument({ minSize: toSize('0.002') }),
      about,
    );
    expect(legs.map(({ intent }) => intent.size)).toEqual(['0.003']);
  });

  it('behavior: legs are on the lot and the rule and sum to the signal', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 3 }),
        (lots, parts) => {
          const total = parts.reduce((sum, part) => sum + part, 0);
          const size = toSize(new Decimal(lots).times('0.001'));
          const instrument = exampleInstrument();
          const legs = entryIntents(
            exampleSignal({ size }),
            exampleGuidance(parts.map((part) => limitLeg(59_990, String(part / total)))),
            instrument,
            about,
          );
          expect(legs.reduce((sum, { intent }) => sum.plus(intent.size), new Decimal(0)).toFixed()).toBe(
            new Decimal(size).toFixed(),
          );
          for (const { intent } of legs) {
            expect(isOnLot(instrument.lotSize, intent.size)).toBe(true);
            expect(intent.price !== undefined && isOnRule(instrument.priceRule, intent.price)).toBe(true);
          }
        },
      ),
    );
  });
});
