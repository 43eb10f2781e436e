import {
  Decimal,
  type Fill,
  type OrderIntent,
  type Position,
  plus,
  toPrice,
  toSize,
  toUsd,
  zeroUsd,
} from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { PaperDesk } from '../paper/paper-desk.ts';
import { newCursor } from './fill-cursor.ts';
import { adoptedPosition, begunPosition, bookFill, isAheadOfWord, lessenedBy } from './held-position.ts';
import { markPosition } from './mark-position.ts';
import { VenueAccount } from './venue-account.ts';

const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('trade' as const),
      buys: fc.boolean(),
      lots: fc.integer({ min: 1, max: 90 }),
      reduces: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('price' as const), price: fc.integer({ min: 570_000, max: 630_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('funding' as const), rate: fc.integer({ min: -30, max: 30 }) }),
  },
);

describe('a followed account', () => {
  it('behavior: fills sum to the position, costs to what the venue reckons, records to its ledger, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
        await using database = await openDatabase({ url: 'sqlite::memory:' });
        const desk = new PaperDesk({ startingBalance: '1000000000' });
        const venue = await desk.open(database);
        const account = new VenueAccount({
          ...{ userId: 'alice', venue: 'paper', cursor: newCursor(desk.clock.nowMs(), []), held: [], openOrders: [] },
        });
        venue.watch('alice', (update) => account.apply(update));
        await desk.quote({ bid: 60_000, ask: 60_000 });
        let hours = 0;
        for (const step of acts) {
          if (step.kind === 'price') await desk.quote({ bid: step.price / 10, ask: step.price / 10 });
          else if (step.kind === 'trade') await venue.place(desk.authority.mint(trade(step), 'property'));
          else {
            hours += 1;
            await desk.clock.advanceTo(1_700_000_000_000 - (1_700_000_000_000 % 3_600_000) + hours * 3_600_000);
            desk.settle(step.rate / 10_000);
            await desk.quote({ bid: 60_000, ask: 60_000 });
          }
          const [position] = await venue.fetchPositions('alice');
          const [held] = account.allHeld();
          expect(held?.size).toBe(position?.size);
          expect(held?.position.direction).toBe(position?.direction);
          const marked = held && markPosition(held, desk.marketView).position;
          expect(marked?.unrealizedPnl).toBe(position?.unrealizedPnl);
          expect(held?.realizedPnl).toBe(position?.realizedPnl);
        }
        const ledger = await venue.fetchAccount('alice');
        const closed = (account.takeUntold()?.events ?? []).flatMap((event) =>
          event.type === 'position.closed' ? [event.payload] : [],
        );
        for (const figure of ['realizedPnl', 'fees', 'funding'] as const) {
          const sum = [...closed, ...account.allHeld()].reduce(
            (total, each) => total.plus(each[figure]),
            new Decimal(0),
          );
          expect(sum.toFixed()).toBe(ledger[figure]);
        }
        await venue.stop();
      }),
      { numRuns: 40 },
    );
  });
});

describe('a fill that turns a position round, told as one', () => {
  it('behavior: closes the one with all its profit and opens the other for its trade; the fee is shared by size', async () => {
    await using database = await openDatabase({ url: 'sqlite::memory:' });
    const desk = new PaperDesk();
    const venue = await desk.open(database);
    const account = new VenueAccount({
      ...{ userId: 'alice', venue: 'paper', cursor: newCursor(desk.clock.nowMs(), []), held: [], openOrders: [] },
    });
    // As venues do that know of one fill where the paper venue knows of two.
    let first: Fill | undefined;
    venue.watch('alice', (update) => {
      const isTurning = update.kind === 'fill' && update.fill.side === 'sell';
      if (isTurning && first === undefined) first = update.fill;
      else if (isTurning && first !== undefined) {
        const { size, fee } = update.fill;
        account.apply({ kind: 'fill', fill: { ...first, size: plus(first.size, size), fee: plus(first.fee, fee) } });
        first = undefined;
      } else if (first === undefined || update.kind !== 'position') account.apply(update);
    });
    const place = (side: Fill['side'], size: string, tradeId: string) =>
      venue.place(
        desk.authority.mint(
          examplePaperIntent({ side, size: toSize(size), tradeId, price: toPrice(side === 'buy' ? 99_000 : 30_000) }),
          'by hand',
        ),
      );
    await desk.quote({ bid: 60_000, ask: 60_000 });
    await place('buy', '0.4', 'trade:1');
    await desk.quote({ bid: 61_000, ask: 61_000 });
    await place('sell', '0.7', 'trade:2');
    await desk.clock.idle();
    const events = account.takeUntold()?.events ?? [];
    const closed = events.flatMap((event) => (event.type === 'position.closed' ? [event.payload] : []));
    const filled = events.flatMap((event) => (event.type === 'order.filled' ? [event.payload] : []));
    expect(filled.map(({ fill, netted }) => [fill.size, netted])).toEqual([
      ['0.4', undefined],
      ['0.7', '0.4'],
    ]);
    expect(closed).toMatchObject([
      { exitPrice: '61000', realizedPnl: '400', trades: [{ tradeId: 'trade:1', size: '0.4' }] },
    ]);
    const [held] = account.allHeld();
    expect(held).toMatchObject({
      size: '0.3',
      cost: '18300',
      realizedPnl: '0',
      trades: [{ tradeId: 'trade:2', size: '0.3' }],
    });
    expect(held?.position).toMatchObject({ direction: 'short', size: '0.3', entryPrice: '61000' });
    const ledger = await venue.fetchAccount('alice');
    expect(plus(toUsd(closed[0]?.fees ?? 0), held?.fees ?? zeroUsd)).toBe(ledger.fees);
    // 0.05 % of 0.3 at 61,000.
    expect(held?.fees).toBe('9.15');
    await venue.stop();
  });
});

/** A long of 0.4 that one fill has made, as the paper venue tells both. */
async function bought(): Promise<{ readonly position: Position; readonly fill: Fill }> {
  await using database = await openDatabase({ url: 'sqlite::memory:' });
  const desk = new PaperDesk();
  const venue = await desk.open(database);
  await desk.quote({ bid: 60_000, ask: 60_000 });
  await venue.place(desk.authority.mint(examplePaperIntent({ side: 'buy', size: toSize('0.4') }), 'by hand'));
  const [position] = await venue.fetchPositions('alice');
  const [fill] = await venue.fetchFills('alice', 0);
  await venue.stop();
  if (position === undefined || fill === undefined) throw new Error('Nothing filled.');
  return { position, fill };
}

describe('lessenedBy', () => {
  it('behavior: of one fill that turns a position round, what was left of that; of one that adds, nothing', async () => {
    const { position, fill } = await bought();
    const lessened = (side: Fill['side'], size: string): string =>
      lessenedBy(adoptedPosition(position, 1), { ...fill, side, size: toSize(size) });
    expect(lessened('sell', '0.1')).toBe('0.1');
    expect(lessened('sell', '0.7')).toBe('0.4');
    expect(lessened('buy', '0.7')).toBe('0');
  });

  it('behavior: is ahead of the venue’s word by fills of after it that lessen it, and by no others', async () => {
    const { position, fill } = await bought();
    const word = { ...adoptedPosition(position, 1), opened: true };
    const ahead = (side: Fill['side'], size: string, afterMs: number): boolean =>
      isAheadOfWord(
        bookFill(word, { ...fill, side, size: toSize(size), atMs: position.updatedAtMs + afterMs }, undefined),
      );
    expect([ahead('sell', '0.1', 1), ahead('sell', '0.4', 1)]).toEqual([true, true]);
    // The word may be of after it, and count it already.
    expect([ahead('sell', '0.1', 0), ahead('sell', '0.1', -1)]).toEqual([false, false]);
    expect(ahead('buy', '0.1', 1)).toBe(false);
    // One of which the venue has said nothing is what its fills make it.
    const begun = begunPosition(fill, undefined, 1);
    expect(isAheadOfWord(begun)).toBe(false);
    expect(isAheadOfWord(bookFill(begun, { ...fill, side: 'sell' }, undefined))).toBe(true);
  });
});

const trade = ({ buys, lots, reduces }: { buys: boolean; lots: number; reduces: boolean }): OrderIntent =>
  examplePaperIntent({
    side: buys ? 'buy' : 'sell',
    // Large enough that an average price's last digits would show.
    size: toSize(new Decimal(lots).times('7.003')),
    price: toPrice(buys ? 99_000 : 30_000),
    reduceOnly: reduces,
    purpose: reduces ? 'exit' : 'entry',
    leverage: 5,
  });
