import { describe, expect, it } from 'vitest';
import { PriceTrack } from './price-track.ts';
import { minuteMs, startMs } from './testing/example-derivatives.ts';

describe('PriceTrack', () => {
  it('default: the newest price, or the one of an earlier instant', () => {
    const prices = new PriceTrack();
    for (let minute = 0; minute <= 60; minute += 1) prices.tick(startMs + minute * minuteMs, 100 + minute);
    expect(prices.asOf(startMs + 61 * minuteMs)).toBe(160);
    expect(prices.asOf(startMs + 30 * minuteMs)).toBe(130);
    expect(prices.asOf(startMs + 33 * minuteMs)).toBe(130);
    expect(prices.asOf(startMs - 1)).toBeNaN();
  });

  it('behavior: closes of bars where tickers are silent, nothing after ten minutes without either', () => {
    const prices = new PriceTrack();
    prices.tick(startMs, 100);
    prices.close(startMs + minuteMs, 1);
    expect(prices.asOf(startMs + minuteMs)).toBe(100);
    prices.close(startMs + 2 * minuteMs, 102);
    expect(prices.asOf(startMs + 12 * minuteMs)).toBe(102);
    expect(prices.asOf(startMs + 12 * minuteMs + 1)).toBeNaN();
    expect(new PriceTrack().asOf(startMs)).toBeNaN();
  });
});
