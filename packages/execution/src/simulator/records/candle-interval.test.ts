import { toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { CandleBook } from './candle-book.ts';
import { candleInterval, closesAtMs, opensAtMs } from './candle-interval.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

describe('candle intervals', () => {
  it('default: weeks begin on Monday, months on the first, the rest at multiples', () => {
    const instant = at('2025-03-13T15:47:31');
    expect(opensAtMs('15m', instant)).toBe(at('2025-03-13T15:45:00'));
    expect(opensAtMs('8h', instant)).toBe(at('2025-03-13T08:00:00'));
    expect(opensAtMs('1w', instant)).toBe(at('2025-03-10T00:00:00'));
    expect(opensAtMs('1M', instant)).toBe(at('2025-03-01T00:00:00'));
    expect(closesAtMs('1M', at('2024-02-01T00:00:00'))).toBe(at('2024-02-29T23:59:59.999'));
    expect(closesAtMs('3m', 0)).toBe(179_999);
    expect(candleInterval('7m')).toBeUndefined();
  });

  it('behavior: trades make candles at every interval, past ones go before them', () => {
    const book = new CandleBook();
    const start = at('2025-03-13T15:00:00');
    for (const [price, minutes] of [
      [100, 0],
      [103, 0.5],
      [98, 1],
      [99, 4],
    ] as const) {
      book.add('BTC', toPrice(price), toSize('0.1'), start + minutes * 60_000);
    }
    const shown = (interval: '1m' | '5m') =>
      book
        .between('BTC', interval, 0, Infinity)
        .map((c) => [c.open, c.high, c.low, c.close, c.volume, c.trades].join(' '));
    expect(shown('1m')).toEqual(['100 103 100 103 0.2 2', '98 98 98 98 0.1 1', '99 99 99 99 0.1 1']);
    expect(shown('5m')).toEqual(['100 103 98 99 0.4 4']);
    const past = { ...(book.last('BTC', '5m') as never as object), openMs: start - 300_000 } as never;
    book.load('BTC', '5m', [past]);
    expect(book.between('BTC', '5m', 0, Infinity)).toHaveLength(2);
    expect(book.between('BTC', '5m', start, start)).toHaveLength(1);
  });
});
