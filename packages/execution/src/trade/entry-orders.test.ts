import { toPrice, toRate, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../paper/example-paper.ts';
import { entryIntents, entrySide, movedAgainst, takingIntent } from './entry-intents.ts';
import { exampleGuidance, exampleSignal, limitLeg } from './example-signal.ts';

const about = { tradeId: 'trade:1', traceId: 'trace:1' };
const signal = exampleSignal();
const common = {
  ...{ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', side: 'buy', type: 'limit' },
  ...{ reduceOnly: false, purpose: 'entry', origin: 'agent', stopLoss: '59500', leverage: 6, marginMode: 'isolated' },
  ...{ traceId: 'trace:1', tradeId: 'trade:1', signalId: signal.id },
};

describe('the entry orders', () => {
  it('default: everything of the signal that an order carries, and nothing else', () => {
    expect(entryIntents(signal, exampleGuidance([limitLeg(59_990, '1')]), exampleInstrument(), about)).toEqual([
      {
        step: 'entry-0',
        afterMs: 0,
        intent: { ...common, size: '0.1', price: '59990', timeInForce: 'gtc' },
      },
    ]);
  });

  it('behavior: a chase is one limit of the whole size, without a price yet, that never takes', () => {
    const pacing = { kind: 'chase', moves: 1, pauseMs: 500, maxDistance: toRate('0.001'), finish: 'take' } as const;
    const legs = [limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')];
    const [leg, ...others] = entryIntents(signal, exampleGuidance(legs, { pacing }), exampleInstrument(), about);
    expect(others).toEqual([]);
    expect(leg).toEqual({
      step: 'entry-0',
      afterMs: 0,
      intent: { ...common, size: '0.1', timeInForce: 'post-only' },
    });
    if (leg === undefined) return;
    expect(takingIntent({ ...leg.intent, price: toPrice(59_990) }, toSize('0.04'), toPrice(60_060))).toEqual({
      ...{ ...common, type: 'market', size: '0.04', price: '60060', timeInForce: 'ioc' },
    });
  });

  it('behavior: slices of each leg, on the lot, at equal times, the last with the rest', () => {
    const pacing = { kind: 'twap', slices: 3, durationMs: 100_000 } as const;
    const legs = [limitLeg(59_990, '0.4'), limitLeg(59_900, '0.6')];
    const sent = entryIntents(signal, exampleGuidance(legs, { pacing }), exampleInstrument(), about);
    expect(sent.map(({ step, afterMs, intent }) => [step, afterMs, intent.size, intent.price])).toEqual([
      ['entry-0-slice-0', 0, '0.013', '59990'],
      ['entry-0-slice-1', 33_333, '0.013', '59990'],
      ['entry-0-slice-2', 66_666, '0.014', '59990'],
      ['entry-1-slice-0', 0, '0.02', '59900'],
      ['entry-1-slice-1', 33_333, '0.02', '59900'],
      ['entry-1-slice-2', 66_666, '0.02', '59900'],
    ]);
  });

  it('behavior: slices below the minimum go with the last', () => {
    const pacing = { kind: 'twap', slices: 4, durationMs: 4_000 } as const;
    const small = exampleSignal({ size: toSize('0.003') });
    const sent = entryIntents(small, exampleGuidance([limitLeg(59_990, '1')], { pacing }), exampleInstrument(), about);
    expect(sent.map(({ step, afterMs, intent }) => [step, afterMs, intent.size])).toEqual([
      ['entry-0-slice-3', 3_000, '0.003'],
    ]);
  });

  it('behavior: whole lots below the minimum go to the last, whatever the last is', () => {
    const instrument = exampleInstrument({ minSize: toSize('0.02') });
    const sizes = (...fractions: readonly string[]) =>
      entryIntents(signal, exampleGuidance(fractions.map((part) => limitLeg(59_990, part))), instrument, about).map(
        ({ intent }) => intent.size,
      );
    expect(sizes('0.1', '0.9')).toEqual(['0.1']);
    expect(sizes('0.5', '0.1', '0.4')).toEqual(['0.05', '0.05']);
    // What is left goes too, however small: the venue may refuse it, the trade does not forget it.
    expect(sizes('0.9', '0.1')).toEqual(['0.09', '0.01']);
  });

  it('behavior: a part of exactly the minimum goes by itself', () => {
    const instrument = exampleInstrument({ minSize: toSize('0.05') });
    const sent = entryIntents(signal, exampleGuidance([limitLeg(1, '0.5'), limitLeg(2, '0.5')]), instrument, about);
    expect(sent.map(({ intent }) => intent.size)).toEqual(['0.05', '0.05']);
  });

  it('behavior: sums are exact where floats are not', () => {
    const size = toSize('0.3');
    const legs = [limitLeg(1, '0.34'), limitLeg(2, '0.33'), limitLeg(3, '0.33')];
    const sent = entryIntents(exampleSignal({ size }), exampleGuidance(legs), exampleInstrument(), about);
    expect(sent.map(({ intent }) => intent.size)).toEqual(['0.102', '0.099', '0.099']);
  });

  it('default: the worst price lies against the trade', () => {
    expect(movedAgainst(signal, toRate('0.001'))).toBe('60060');
    expect(movedAgainst(exampleSignal({ direction: 'short' }), toRate('0.001'))).toBe('59940');
    expect(entrySide({ direction: 'long' })).toBe('buy');
    expect(entrySide({ direction: 'short' })).toBe('sell');
  });
});
