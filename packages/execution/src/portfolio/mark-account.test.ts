import { type Account, type Position, toPrice, toSize, toUsd } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markAccount } from './mark-account.ts';

const told = (changes: Partial<Account> = {}): Account => ({
  ...{ userId: 'alice', venue: 'paper', asset: 'USDC', positionMode: 'one-way', atMs: 1 },
  ...{ balance: toUsd(1_000), equity: toUsd(1_000), unrealizedPnl: toUsd(0), deposits: toUsd(1_000) },
  ...{ usedMargin: toUsd(300), availableMargin: toUsd(700), realizedPnl: toUsd(0), fees: toUsd(0), funding: toUsd(0) },
  ...changes,
});
const position = (pnl: number, marginMode: Position['marginMode'] = 'isolated'): Position => ({
  ...{ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', direction: 'long', leverage: 1 },
  ...{ size: toSize(1), entryPrice: toPrice(100), markPrice: toPrice(100), margin: toUsd(100), realizedPnl: toUsd(0) },
  ...{ marginMode, unrealizedPnl: toUsd(pnl), openedAtMs: 0, updatedAtMs: 0 },
});
const figures = ({ atMs, availableMargin, equity, unrealizedPnl }: Account) => [
  ...[unrealizedPnl, equity, availableMargin],
  atMs,
];

describe('markAccount', () => {
  it('default: equity moves with positions; what is free falls with the losses of cross ones, and does not rise', () => {
    const account = told();
    expect(figures(markAccount(account, [position(50)], 2))).toEqual(['50', '1050', '700', 2]);
    expect(figures(markAccount(account, [position(-50)], 3))).toEqual(['-50', '950', '700', 3]);
    expect(figures(markAccount(account, [position(50, 'cross')], 4))).toEqual(['50', '1050', '700', 4]);
    expect(figures(markAccount(account, [position(-50, 'cross')], 5))).toEqual(['-50', '950', '650', 5]);
    expect(figures(markAccount(account, [position(-900, 'cross')], 6))).toEqual(['-900', '100', '0', 6]);
    expect(figures(markAccount(account, [], 7))).toEqual(['0', '1000', '700', 7]);
  });

  it('behavior: asked again it is of the instant that is asked for, and of the account and positions that are given', () => {
    const [one, other] = [told(), told({ equity: toUsd(2_000) })];
    const [gain, loss] = [position(10), position(-20)];
    fc.assert(
      fc.property(
        fc.array(fc.record({ account: fc.constantFrom(one, other), held: fc.subarray([gain, loss]), atMs: fc.nat() })),
        (asked) => {
          for (const { account, held, atMs } of asked) {
            // Copies were never asked for before.
            const anew = markAccount({ ...account }, held, atMs);
            expect(markAccount(account, held, atMs)).toEqual(anew);
          }
        },
      ),
    );
  });
});
