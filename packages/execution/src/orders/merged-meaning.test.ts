import { type Order, toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { isUnsettled, mergeOrder } from './merge-order.ts';

const order = (changes: Partial<Order> = {}): Order => ({
  ...examplePaperIntent({ size: toSize('0.1') }),
  ...{ status: 'open', filledSize: toSize(0), createdAtMs: 0, updatedAtMs: 1_000 },
  ...changes,
});
const meaning: Partial<Order> = {
  purpose: 'entry',
  origin: 'agent',
  stopLoss: toPrice(59_500),
  traceId: 'trace:1',
  tradeId: 'trade:1',
  signalId: 'signal:1',
};

describe('the meaning of an order', () => {
  it('default: stays what was meant by it, whatever the venue gives back', () => {
    const known = order(meaning);
    const news = order({ origin: 'api', purpose: 'exit', status: 'filled', filledSize: toSize('0.1') });
    expect(mergeOrder(known, news)).toEqual({ ...news, ...meaning });
    // What was not meant is not made up, and does not take away what the news has.
    const { stopLoss: _, ...plain } = order();
    expect(
      mergeOrder(plain, { ...news, stopLoss: toPrice(1), signalId: 's', tradeId: 't', traceId: 'x' }),
    ).toMatchObject({
      ...{ stopLoss: '1', signalId: 's', tradeId: 't', traceId: 'x' },
    });
    for (const name of ['stopLoss', 'signalId', 'tradeId', 'traceId']) {
      const { stopLoss: _s, signalId: _i, tradeId: _t, traceId: _r, ...none } = order();
      expect(mergeOrder(none, { ...none, status: 'filled' })).not.toHaveProperty(name);
    }
  });

  it('behavior: an end that knows of less keeps the fills that are known, with their average', () => {
    const known = order({ status: 'partially-filled', filledSize: toSize('0.04'), averagePrice: toPrice(60_001) });
    const late = order({ status: 'canceled', filledSize: toSize('0.01'), averagePrice: toPrice(59_000) });
    expect(mergeOrder(known, late)).toMatchObject({ status: 'canceled', filledSize: '0.04', averagePrice: '60001' });
    const { averagePrice: _, ...without } = known;
    expect(mergeOrder(without, { ...late, averagePrice: toPrice(59_000) })).toMatchObject({ averagePrice: '59000' });
    const equal = order({ status: 'canceled', filledSize: toSize('0.04'), averagePrice: toPrice(60_000) });
    expect(mergeOrder(known, equal)).toMatchObject({ status: 'canceled', averagePrice: '60000' });
  });

  it('behavior: what was only intended gives way to any news, and news that know nothing change nothing', () => {
    expect([isUnsettled('intended'), isUnsettled('unresolved'), isUnsettled('open')]).toEqual([true, true, false]);
    const older = order({ updatedAtMs: 500 });
    expect(mergeOrder(order({ status: 'intended' }), older).status).toBe('open');
    const known = order();
    expect(mergeOrder(known, order({ status: 'unresolved', updatedAtMs: 9_000 }))).toBe(known);
    expect(mergeOrder(known, older)).toBe(known);
    const same = order({ price: toPrice(1) });
    expect(mergeOrder(known, same)).toEqual(same);
  });

  it('behavior: an end stays unless another end knows of more', () => {
    const ended = order({ status: 'canceled', filledSize: toSize('0.04') });
    expect(mergeOrder(ended, order({ status: 'filled', filledSize: toSize('0.04') }))).toBe(ended);
    expect(mergeOrder(ended, order({ status: 'filled', filledSize: toSize('0.1') })).status).toBe('filled');
    expect(mergeOrder(ended, order({ status: 'open', filledSize: toSize('0.1'), updatedAtMs: 9_000 }))).toBe(ended);
  });
});
