import { type MarketView, type Position, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { adoptedPosition } from './held-position.ts';
import { markPosition, shownPosition } from './mark-position.ts';

const position: Position = {
  ...{ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', direction: 'long', leverage: 2 },
  ...{ size: toSize(2), entryPrice: toPrice(100), markPrice: toPrice(100), margin: toUsd(100), realizedPnl: toUsd(0) },
  ...{ marginMode: 'isolated', unrealizedPnl: toUsd(0), openedAtMs: 0, updatedAtMs: 0 },
};
const viewAt = (mark: number | undefined, quality: 'fresh' | 'stale' = 'fresh') =>
  ({
    ticker: () => (mark === undefined ? undefined : { quality, value: { mark }, atMs: 0, ageMs: 0 }),
  }) as unknown as MarketView;

describe('a position at the present mark', () => {
  it('behavior: asked again it is of the mark and the freshness that are there then', () => {
    const held = adoptedPosition(position, 1);
    const look = (view: MarketView) => {
      const { fresh, position: shown } = markPosition(held, view);
      return [shown.markPrice, shown.unrealizedPnl, fresh];
    };
    expect(look(viewAt(110))).toEqual(['110', '20', true]);
    expect(look(viewAt(110, 'stale'))).toEqual(['110', '20', false]);
    expect(look(viewAt(95))).toEqual(['95', '-10', true]);
    expect(look(viewAt(undefined))).toEqual(['100', '0', false]);
    expect(look(viewAt(110))).toEqual(['110', '20', true]);
    const grown = { ...held, size: toSize(3), cost: toUsd(315) };
    for (const mark of [110, 120])
      expect(shownPosition(grown, viewAt(mark)).position).toMatchObject({
        ...{ size: '3', entryPrice: '105', margin: '150', markPrice: `${mark}`, unrealizedPnl: `${mark * 3 - 315}` },
      });
    expect(shownPosition(held, viewAt(120)).position).toMatchObject({ size: '2', unrealizedPnl: '40' });
  });
});
