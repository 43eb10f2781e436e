import type { Liquidation } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleFunding, exampleInstrument, exampleMarket, exampleOpenInterest, startAtMs } from '../testing/market.ts';
import { readFlow } from './flow.ts';
import { readFunding } from './funding.ts';
import { readOpenInterest } from './open-interest.ts';

const id = 'BTC-PERP@hyperliquid';
const other = 'BTC-PERP@binance';
const atMs = startAtMs + 10 * 3_600_000;
const instruments = [exampleInstrument(), exampleInstrument('BTC-PERP', 'binance')];

describe('readOpenInterest', () => {
  it('default: the change over the last hour', () => {
    const { view } = exampleMarket(atMs, { openInterest: exampleOpenInterest(id, atMs, 2) });
    const change = readOpenInterest(view, id, atMs);
    expect(change?.spanMs).toBe(3_600_000);
    expect(change?.percent).toBeCloseTo(100 * (1.04 / 1.02 - 1), 9);
  });

  it('behavior: absent when it stopped, or when it spans too little', () => {
    const stopped = exampleOpenInterest(id, atMs - 31 * 60_000, 2);
    expect(readOpenInterest(exampleMarket(atMs, { openInterest: stopped }).view, id, atMs)).toBeUndefined();
    const young = exampleOpenInterest(id, atMs, 2).slice(-3);
    expect(readOpenInterest(exampleMarket(atMs, { openInterest: young }).view, id, atMs)).toBeUndefined();
  });
});

describe('readFunding', () => {
  const base = Array.from({ length: 20 }, () => 0.0000125);

  it('default: rates in basis points per eight hours, and how unusual the newest is', () => {
    const { view } = exampleMarket(atMs, { instruments, funding: exampleFunding(id, atMs, [...base, 0.00005]) });
    expect(readFunding(view, id, [other], atMs)).toEqual({ rate: 4, z: expect.closeTo(6, 9) });
  });

  it('behavior: the spread to other venues, whatever their interval', () => {
    const binance = exampleFunding(other, atMs, [0.0001]).map((rate) => ({ ...rate, intervalMs: 8 * 3_600_000 }));
    const { view } = exampleMarket(atMs, {
      instruments,
      funding: [...exampleFunding(id, atMs, [...base, 0.00005]), ...binance],
    });
    expect(readFunding(view, id, [other], atMs)?.spread).toBeCloseTo(3, 9);
  });

  it('behavior: a few rates can not be called unusual, and a stopped series is absent', () => {
    const few = exampleMarket(atMs, { funding: exampleFunding(id, atMs, [0.00001, 0.00005]) });
    expect(readFunding(few.view, id, [], atMs)).toEqual({ rate: 4 });
    const stopped = exampleMarket(atMs, { funding: exampleFunding(id, atMs - 2 * 3_600_000, base) });
    expect(readFunding(stopped.view, id, [], atMs)).toBeUndefined();
  });
});

describe('readFlow', () => {
  const liquidation = (side: Liquidation['side'], size: number): Liquidation => ({
    instrumentId: id,
    side,
    price: 60_000,
    size,
    exchangeAtMs: atMs - 60_000,
    receivedAtMs: atMs - 60_000,
  });

  it('default: venues that build less those that unwind, and who was liquidated', () => {
    const { view } = exampleMarket(atMs, {
      instruments,
      openInterest: [...exampleOpenInterest(id, atMs, 2), ...exampleOpenInterest(other, atMs, -2)],
      liquidations: [liquidation('sell', 3), liquidation('buy', 1)],
    });
    const flow = readFlow(view, [id, other], atMs);
    expect(flow).toMatchObject({ venues: 2, liquidations: -0.5, liquidatedUsd: 240_000 });
    expect(flow?.build).toBeCloseTo((1.04 - 0.96) / 2, 9);
  });

  it('behavior: one venue without liquidations has no flow across venues', () => {
    const { view } = exampleMarket(atMs, { instruments, openInterest: exampleOpenInterest(id, atMs, 2) });
    expect(readFlow(view, [id, other], atMs)).toBeUndefined();
  });
});
