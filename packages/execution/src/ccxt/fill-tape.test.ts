import { Decimal, type Fill, type InstrumentId, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { FillTape } from './fill-tape.ts';

const btc = 'BTC-PERP@hyperliquid' as InstrumentId;
const eth = 'ETH-PERP@hyperliquid' as InstrumentId;

/** A fill at an instant: its size bought, or sold where it is below zero. */
function fill(atMs: number, size: number, more: Partial<Fill> = {}): Fill {
  return {
    ...{ id: `${atMs}:${size}`, userId: 'alice', venue: 'hyperliquid', instrumentId: btc, clientOrderId: 'a' },
    ...{ venueOrderId: '1', price: toPrice(100), feeRate: toRate('0.0004'), liquidity: 'taker', reason: 'order', atMs },
    ...{ side: size > 0 ? 'buy' : 'sell', size: toSize(Math.abs(size)), fee: toUsd('0.1'), realizedPnl: toUsd(2) },
    ...more,
  } as Fill;
}
const tapeOf = (...fills: readonly Fill[]): FillTape => {
  const tape = new FillTape();
  for (const each of fills) tape.add(each);
  return tape;
};

describe('FillTape', () => {
  it('default: each fill counts once, told in the order they happened', () => {
    const tape = tapeOf(fill(3, 1), fill(1, 2), fill(2, -0.5));
    expect(tape.add(fill(1, 2))).toBe(false);
    expect(tape.since(0).map(({ atMs }) => atMs)).toEqual([1, 2, 3]);
    expect(tape.since(2).map(({ atMs }) => atMs)).toEqual([2, 3]);
    expect(tape.lastAtMs()).toBe(3);
    expect([tape.net(btc).toFixed(), tape.net(eth).toFixed()]).toEqual(['2.5', '0']);
    expect([tape.sums().fees.toFixed(), tape.sums().realizedPnl.toFixed()]).toEqual(['0.3', '6']);
  });

  it('behavior: tells what each order of the venue has filled, and which fills are known', () => {
    const tape = tapeOf(fill(1, 1), fill(2, 0.5), fill(2, 0.5), fill(3, 2, { venueOrderId: '2' }));
    expect(['1', '2', '3'].map((id) => tape.filled(id).toFixed())).toEqual(['1.5', '2', '0']);
    expect([tape.has('2:0.5'), tape.has('2:1')]).toEqual([true, false]);
  });

  it('behavior: a position opened where it was flat last, with what was realised since', () => {
    const tape = tapeOf(fill(1, 1), fill(2, -1), fill(3, 2), fill(4, 5, { instrumentId: eth }), fill(5, -0.5));
    expect(tape.opening(btc, new Decimal('1.5'))).toEqual({ atMs: 3, realizedPnl: new Decimal(4) });
    // Older than what is known.
    expect(tape.opening(btc, new Decimal(9)).atMs).toBeUndefined();
  });

  it('behavior: a fill that turned a position opened the one there is, and what it realised belongs to the one before', () => {
    const tape = tapeOf(fill(1, 1), fill(2, -3), fill(3, -1));
    expect(tape.opening(btc, new Decimal(-3))).toEqual({ atMs: 2, realizedPnl: new Decimal(2) });
  });

  it('behavior: what filled of an order before it was replaced', () => {
    const tape = tapeOf(fill(1, 1), fill(2, 0.5, { venueOrderId: '2' }), fill(3, 4, { clientOrderId: 'b' }));
    expect(tape.filledBefore('a', '2').toFixed()).toBe('1');
    expect(tape.filledBefore('a', '3').toFixed()).toBe('1.5');
  });

  it('edge: of more than it keeps the oldest are forgotten, stay counted, and do not count again', () => {
    const tape = new FillTape();
    for (let atMs = 1; atMs <= 50_002; atMs += 1) tape.add(fill(atMs, 1));
    expect(tape.since(0)).toHaveLength(50_000);
    expect(tape.add(fill(1, 1))).toBe(false);
    expect([tape.net(btc).toFixed(), tape.sums().fees.toFixed()]).toEqual(['50002', '5000.2']);
  });
});
