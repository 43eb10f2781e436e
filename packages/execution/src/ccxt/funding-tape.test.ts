import { type FundingPayment, type InstrumentId, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { FundingTape } from './funding-tape.ts';

const payment = (atMs: number, amount: number | string): FundingPayment => ({
  ...{ id: `${atMs}:${amount}`, userId: 'alice', venue: 'hyperliquid', amount: toUsd(amount), atMs },
  instrumentId: 'BTC-PERP@hyperliquid' as InstrumentId,
});
const tapeOf = (countedFromMs: number, ...payments: readonly FundingPayment[]): FundingTape => {
  const tape = new FundingTape(countedFromMs);
  for (const each of payments) tape.add(each);
  return tape;
};
const instants = (payments: readonly FundingPayment[]) => payments.map(({ atMs }) => atMs);

describe('FundingTape', () => {
  it('default: each payment counts once, told in the order they were made', () => {
    const tape = tapeOf(0, payment(3, '-0.1'), payment(1, '0.3'), payment(2, '-0.05'));
    expect(tape.add(payment(1, '0.3'))).toBe(false);
    expect(tape.add(payment(1, '0.4'))).toBe(true);
    expect([instants(tape.since(0)), instants(tape.since(2)), instants(tape.since(4))]).toEqual([
      [1, 1, 2, 3],
      [2, 3],
      [],
    ]);
    expect(tape.sum().toFixed()).toBe('0.55');
  });

  it('behavior: what is older than the instant that is counted from is known and not in the sum', () => {
    const tape = tapeOf(2, payment(1, '5'), payment(2, '-0.25'));
    expect(instants(tape.since(0))).toEqual([1, 2]);
    expect(tape.sum().toFixed()).toBe('-0.25');
  });

  it('edge: of more than it keeps the oldest are forgotten, stay counted, and do not count again', () => {
    const tape = new FundingTape(0);
    for (let atMs = 1; atMs <= 50_001; atMs += 1) tape.add(payment(atMs, 1));
    expect([tape.since(0).length, tape.sum().toFixed()]).toEqual([50_000, '50001']);
    expect([tape.add(payment(1, 1)), tape.sum().toFixed()]).toEqual([false, '50001']);
  });
});
