import { compare, isFresh, minus, plus, priceFromNumber, roundLimitPrice, sum, zeroSize } from '@perpdesk/core';
import { createApprovalActs } from './approval-acts.ts';
import { closedSince } from './closed-since.ts';
import { closingsOf } from './closings.ts';
import { entryIntents, entrySide, movedAgainst } from './entry-intents.ts';
import type { TradeActs } from './trade-acts-port.ts';
import { about, instrumentOf, marginOf, type TradeParts, tradeIdOf } from './trade-parts.ts';

/** Makes the acts of trades out of the desk's parts. */
export function createTradeActs(parts: TradeParts): TradeActs {
  const { clock, eventBus, guard, marketView, orderDesk, riskGate } = parts;

  return {
    ...createApprovalActs(parts),

    async prepare({ signal, guidance, traceId }) {
      const instrument = instrumentOf(parts, signal);
      if (instrument === undefined || clock.nowMs() > signal.expiresAtMs) return [];
      const tradeId = tradeIdOf(signal);
      const { exits } = guidance;
      await guard.plan({
        userId: signal.userId,
        venue: signal.venue,
        instrumentId: signal.instrumentId,
        tradeId,
        traceId,
        stopLoss: signal.stopLoss,
        takeProfits: signal.takeProfits,
        leverage: signal.leverage,
        ...(exits === undefined ? {} : { exits }),
      });
      return entryIntents(signal, guidance, instrument, { tradeId, traceId });
    },

    send: (leg, clientOrderId) => orderDesk.send({ ...leg.intent, clientOrderId }),

    async touch({ signal, guidance }) {
      const { pacing } = guidance;
      const side = entrySide(signal);
      const furthest = movedAgainst(signal, pacing?.kind === 'chase' ? pacing.maxDistance : guidance.slippage);
      const rule = instrumentOf(parts, signal)?.priceRule;
      const worst = rule === undefined ? furthest : roundLimitPrice(rule, side, furthest);
      const ticker = marketView.ticker(signal.instrumentId);
      if (rule === undefined || !isFresh(ticker)) return { price: null, worst };
      const touch = side === 'buy' ? ticker.value.bid : ticker.value.ask;
      const price = priceFromNumber(rule, touch, side === 'buy' ? 'down' : 'up');
      const isBeyond = side === 'buy' ? compare(price, worst) > 0 : compare(price, worst) < 0;
      return { price: isBeyond ? worst : price, worst };
    },

    async cancel({ signal }, clientOrderId) {
      const ref = { userId: signal.userId, venue: signal.venue, clientOrderId };
      const canceled = await orderDesk.cancel(ref);
      if (canceled.outcome !== 'rejected') return null;
      const fate = await orderDesk.fetchFate(ref);
      if (fate.outcome === 'never-landed') return { clientOrderId, status: 'expired', filledSize: zeroSize };
      if (fate.outcome !== 'accepted') return null;
      const { filledSize, status } = fate.order;
      return { clientOrderId, status, filledSize };
    },

    async release({ signal }, remaining, legs) {
      if (remaining === undefined) {
        await riskGate.release(signal.id);
        return null;
      }
      const shown = new Map(parts.accounts.openOrders(signal.userId).map((order) => [order.clientOrderId, order]));
      const unseen = sum(
        legs.map(({ clientOrderId, filledSize }) => {
          const seen = shown.get(clientOrderId)?.filledSize ?? filledSize;
          return compare(filledSize, seen) > 0 ? minus(filledSize, seen) : zeroSize;
        }),
      );
      const left = plus(remaining, marginOf(signal, unseen));
      await riskGate.release(signal.id, { remaining: left });
      return left;
    },

    async recheck({ signal }) {
      const { instrumentId, userId, venue } = signal;
      const tradeId = tradeIdOf(signal);
      const closed = await closedSince(eventBus, signal);
      const account = parts.accounts.account(userId, venue);
      return {
        // Nothing seen of an account that can not be trusted is not flat.
        held:
          account?.quality !== 'fresh' ||
          parts.accounts
            .positions(userId)
            .some((position) => position.venue === venue && position.instrumentId === instrumentId),
        closings: closed.flatMap(({ event }) =>
          event.type === 'position.closed' && event.payload.trades?.some((trade) => trade.tradeId === tradeId)
            ? closingsOf(event.id, event.payload)
                .filter((closing) => closing.tradeId === tradeId)
                .map(({ tradeId: _, ...closing }) => closing)
            : [],
        ),
      };
    },

    async settle(input, result) {
      const { signal } = input;
      await guard.forget(signal, tradeIdOf(signal));
      await eventBus.publish({
        id: `trade.settled:${signal.id}`,
        type: 'trade.settled',
        ...about(input),
        payload: {
          tradeId: tradeIdOf(signal),
          userId: signal.userId,
          signalId: signal.id,
          instrumentId: signal.instrumentId,
          direction: signal.direction,
          ...result,
        },
      });
    },
  };
}
