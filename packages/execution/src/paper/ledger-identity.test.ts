import {
  type Candle,
  Decimal,
  type InstrumentId,
  type OrderIntent,
  toPrice,
  toSize,
  type VenueUpdate,
} from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Transition } from './account-draft.ts';
import { tellAccount } from './account-figures.ts';
import { amendOrder, cancelOrder } from './amend-order.ts';
import { exampleAccount, exampleContext, exampleInstrument, examplePaperIntent } from './example-paper.ts';
import { matchBar } from './match-bar.ts';
import { matchFunding } from './match-funding.ts';
import { matchQuote } from './match-quote.ts';
import { matchTrade } from './match-trade.ts';
import { balanceOf, type PaperAccount } from './paper-account.ts';
import type { PaperQuote } from './paper-context.ts';
import { placeOrder } from './place-order.ts';
import { RestingQueues } from './resting-queues.ts';

const ids: readonly InstrumentId[] = ['BTC-PERP@hyperliquid', 'ETH-PERP@hyperliquid'];
const instruments = ids.map((id) => exampleInstrument({ id }));

/** Everything the account did, reckoned from its fills alone: no code shared with the ledger. */
class Witness {
  readonly held = new Map<InstrumentId, Decimal>();
  cash = new Decimal(10_000);

  hear(updates: readonly VenueUpdate[]): void {
    for (const update of updates) {
      if (update.kind === 'funding') this.cash = this.cash.plus(update.payment.amount);
      if (update.kind !== 'fill') continue;
      const { fill } = update;
      const signed = new Decimal(fill.size).times(fill.side === 'buy' ? 1 : -1);
      this.cash = this.cash.minus(signed.times(fill.price)).minus(fill.fee);
      this.held.set(fill.instrumentId, (this.held.get(fill.instrumentId) ?? new Decimal(0)).plus(signed));
    }
  }

  equity(marks: Readonly<Record<InstrumentId, number>>): Decimal {
    let equity = this.cash;
    for (const [id, size] of this.held) equity = equity.plus(size.times(marks[id] ?? 0));
    return equity;
  }
}

const choice = fc.record({
  kind: fc.constantFrom('place', 'place', 'place', 'bar', 'quote', 'trade', 'funding', 'cancel', 'amend'),
  which: fc.nat(1),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  type: fc.constantFrom('market' as const, 'limit' as const, 'stop-market' as const, 'take-profit-market' as const),
  timeInForce: fc.constantFrom('gtc' as const, 'ioc' as const, 'post-only' as const),
  lots: fc.integer({ min: 1, max: 30_000 }),
  ticks: fc.integer({ min: -150, max: 150 }),
  move: fc.integer({ min: -120, max: 120 }),
  wick: fc.nat(80),
  reduceOnly: fc.boolean(),
  leverage: fc.constantFrom(1, 3, 7, 25, 40),
  cross: fc.boolean(),
  thin: fc.boolean(),
});

describe('the paper ledger', () => {
  it('behavior: equity = deposits + realised + unrealised − fees + funding and fills sum to the position, whatever happens', () => {
    let liquidations = 0;
    let flips = 0;
    let traded = 0;
    fc.assert(
      fc.property(fc.array(choice, { minLength: 5, maxLength: 40 }), (choices) => {
        const marks: Record<InstrumentId, number> = { [ids[0] ?? '@']: 100, [ids[1] ?? '@']: 37 };
        let account: PaperAccount = exampleAccount();
        const witness = new Witness();
        const queues = new RestingQueues();
        for (const [step, chosen] of choices.entries()) {
          const instrument = instruments[chosen.which] ?? exampleInstrument();
          const { id } = instrument;
          const openAtMs = step * 600_000;
          const open = marks[id] ?? 0;
          if (chosen.kind !== 'place') marks[id] = Math.max(1, Math.round(open * 10 + chosen.move) / 10);
          const mark = marks[id] ?? 0;
          const context = exampleContext({
            atMs: openAtMs + 60_000,
            instruments,
            marks,
            fundingRate: chosen.ticks / 1e6,
            rules: { slippage: new Decimal('0.0005') },
          });
          const touch = {
            mark,
            bid: Math.max(0.1, Math.round(mark * 10 - 1) / 10),
            ask: Math.round(mark * 10 + 1) / 10,
          };
          const quote: PaperQuote = chosen.thin
            ? {
                ...touch,
                book: {
                  bids: [
                    [touch.bid, 3.3],
                    [touch.bid * 0.99, 9.1],
                  ],
                  asks: [
                    [touch.ask, 3.3],
                    [touch.ask * 1.01, 9.1],
                  ],
                },
              }
            : touch;
          let transition: Transition | undefined;
          const price = toPrice(Math.max(0.1, Math.round(mark * 10 + chosen.ticks) / 10));
          const entry = [...account.orders.values()][chosen.lots % Math.max(1, account.orders.size)];
          if (chosen.kind === 'place') {
            const intent: OrderIntent = examplePaperIntent({
              instrumentId: id,
              side: chosen.side,
              type: chosen.type,
              timeInForce: chosen.timeInForce,
              size: toSize(chosen.lots / 1000),
              reduceOnly: chosen.reduceOnly,
              leverage: chosen.leverage,
              ...(chosen.cross ? { marginMode: 'cross' as const } : {}),
              ...(chosen.type === 'limit' ? { price } : {}),
              ...(chosen.type.endsWith('-market') ? { triggerPrice: price } : {}),
            });
            const result = placeOrder({ account, intent, instrument, quote, context });
            if (result.outcome === 'accepted') transition = result.transition;
          } else if (chosen.kind === 'bar') {
            const high = Math.round(Math.max(open, mark) * 10 + chosen.wick) / 10;
            const low = Math.max(0.1, Math.round(Math.min(open, mark) * 10 - chosen.wick) / 10);
            const candle: Candle = {
              instrumentId: id,
              timeframe: '1m',
              openAtMs,
              open,
              high,
              low,
              close: mark,
              volume: 60,
            };
            transition = matchBar(account, candle, instrument, context);
          } else if (chosen.kind === 'trade') {
            // At or around an order that rests, so that it is met now and then.
            const resting = [...account.orders.values()].find(({ order }) => order.type === 'limit')?.order;
            const instrumentId = resting?.instrumentId ?? id;
            const listed = instruments.find((candidate) => candidate.id === instrumentId) ?? instrument;
            const moments = { instrumentId, exchangeAtMs: context.atMs, receivedAtMs: context.atMs };
            const near = Number(resting?.price ?? mark);
            queues.follow(account, listed, {
              ...moments,
              bids: [[near, 2]],
              asks: [[near, 2]],
              exchangeAtMs: openAtMs,
            });
            const side = resting?.side === 'buy' ? 'sell' : 'buy';
            const at = Math.max(0.1, Math.round(near * 10 + chosen.ticks / 50) / 10);
            const trade = { ...moments, id: String(step), side, price: at, size: chosen.lots / 1000 } as const;
            transition = matchTrade(account, listed, trade, queues, context);
          } else if (chosen.kind === 'funding') transition = matchFunding(account, instrument, context.atMs, context);
          else if (chosen.kind === 'cancel' && entry !== undefined) transition = cancelOrder(account, entry, context);
          else if (chosen.kind === 'amend' && entry?.order.type === 'stop-market') {
            const listed = instruments.find((candidate) => candidate.id === entry.order.instrumentId) ?? instrument;
            const {
              status: _,
              venueOrderId: __,
              filledSize: ___,
              averagePrice: ____,
              createdAtMs: _____,
              updatedAtMs: ______,
              ...intent
            } = entry.order;
            const result = amendOrder({
              account,
              entry,
              intent: { ...intent, triggerPrice: price },
              instrument: listed,
              quote: undefined,
              context,
            });
            if (result.outcome === 'accepted') transition = result.transition;
          } else transition = matchQuote(account, instrument, quote, context);

          if (transition !== undefined) {
            expect(transition.before).toBe(account);
            witness.hear(transition.updates);
            for (const update of transition.updates)
              if (update.kind === 'fill' && update.fill.reason === 'liquidation') liquidations += 1;
            if (chosen.kind === 'trade') traded += 1;
            const told = transition.updates.filter((update) => update.kind === 'position');
            if (told.length > 1 && told.some(({ position }) => position === undefined)) flips += 1;
            account = transition.account;
          }
          const told = tellAccount(account, context);
          const identity = new Decimal(told.deposits)
            .plus(told.realizedPnl)
            .plus(told.unrealizedPnl)
            .minus(told.fees)
            .plus(told.funding);
          expect(told.equity).toBe(identity.toFixed());
          expect(told.equity).toBe(witness.equity(marks).toFixed());
          for (const { order } of account.orders.values()) {
            expect(order.reduceOnly && !account.positions.has(order.instrumentId)).toBe(false);
            expect(new Decimal(order.filledSize).lessThan(order.size)).toBe(true);
          }
          for (const candidate of ids) {
            const position = account.positions.get(candidate);
            const signed =
              position === undefined ? new Decimal(0) : position.size.times(position.direction === 'long' ? 1 : -1);
            expect(signed.toFixed()).toBe((witness.held.get(candidate) ?? new Decimal(0)).toFixed());
            expect(position?.size.greaterThan(0) ?? true).toBe(true);
          }
          // An insurance fund stands behind forced closes; what else goes below zero is the gap of one step.
          if (account.positions.size === 0) expect(balanceOf(account).greaterThan(-2_000)).toBe(true);
        }
      }),
      { numRuns: 2_000, seed: 20_250_721 },
    );
    expect([liquidations > 100, flips > 100, traded > 50]).toEqual([true, true, true]);
  }, 60_000);
});
