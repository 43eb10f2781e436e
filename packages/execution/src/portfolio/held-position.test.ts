import { Decimal, type OrderIntent, toPrice, toSize } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { PaperDesk } from '../paper/paper-desk.ts';
import { newCursor } from './fill-cursor.ts';
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
