import { Decimal, toUsd } from '@perpdesk/core';
import type { EngineAnswer, EngineOrder } from '../engine/exchange-engine.ts';
import type { ExchangeContext } from '../exchange-context.ts';
import { done, refused, type WireAnswer } from '../wire/wire-answer.ts';
import type { TradingAction, WireOrder } from './action-schemas.ts';
import { ofAsset, readOrder, wireStatus } from './read-order.ts';

type Action<Type extends TradingAction['type']> = Extract<TradingAction, { type: Type }>;
type OrderTarget = { readonly orderId: number } | { readonly clientOrderId: string };

const unknownAsset = { kind: 'error', message: 'Invalid asset.' } as const;
const dollarsPerUnit = new Decimal(1_000_000);

/** Carries out an action that trades, and says what became of it as the venue does. */
export function tradingAction(context: ExchangeContext, account: string, action: TradingAction): WireAnswer {
  const { engine } = context;
  switch (action.type) {
    case 'order':
      return placeOrders(context, account, action);
    case 'cancel':
      return done('cancel', {
        statuses: action.cancels.map(({ a, o }) => cancel(context, account, a, { orderId: o })),
      });
    case 'cancelByCloid':
      return done('cancel', {
        statuses: action.cancels.map(({ asset, cloid }) => cancel(context, account, asset, { clientOrderId: cloid })),
      });
    case 'modify': {
      const answer = modify(context, account, action);
      return answer.kind === 'error' ? refused(ofAsset(answer.message, action.order.a)) : done();
    }
    case 'batchModify':
      return done('order', {
        statuses: action.modifies.map((each) => wireStatus(modify(context, account, each), each.order.a)),
      });
    case 'scheduleCancel':
      return asWhole(engine.scheduleCancel(account, action.time ?? undefined));
    case 'updateLeverage':
      return asWhole(
        ofCoin(context, action.asset, (coin) =>
          engine.setLeverage(account, coin, action.leverage, action.isCross ? 'cross' : 'isolated'),
        ),
      );
    case 'updateIsolatedMargin':
      return asWhole(
        ofCoin(context, action.asset, (coin) =>
          engine.adjustIsolatedMargin(account, coin, toUsd(new Decimal(action.ntli).dividedBy(dollarsPerUnit))),
        ),
      );
    case 'noop':
      return done();
  }
}

/** How many orders or cancellations an action holds. */
export function batchOf(action: TradingAction): number {
  if (action.type === 'order') return action.orders.length;
  if (action.type === 'cancel' || action.type === 'cancelByCloid') return action.cancels.length;
  return action.type === 'batchModify' ? action.modifies.length : 1;
}

function placeOrders(context: ExchangeContext, account: string, action: Action<'order'>): WireAnswer {
  const { engine, directory } = context;
  if (action.builder !== undefined && (directory.builderFee(account, action.builder.b) ?? -1) < action.builder.f) {
    return refused('Builder fee has not been approved.');
  }
  const orders = action.orders.map((order) => readOrder(order, engine));
  const known = orders.filter((order): order is EngineOrder => order !== undefined);
  const grouping = typeof action.grouping === 'string' ? action.grouping : 'na';
  const answers = known.length === 0 ? [] : [...engine.place(account, known, grouping)];
  return done('order', {
    statuses: action.orders.map((order: WireOrder, index: number) =>
      wireStatus((orders[index] === undefined ? undefined : answers.shift()) ?? unknownAsset, order.a),
    ),
  });
}

function modify(
  context: ExchangeContext,
  account: string,
  { oid, order }: { readonly oid: number | string; readonly order: WireOrder },
): EngineAnswer {
  const read = readOrder(order, context.engine);
  if (read === undefined) return unknownAsset;
  return context.engine.modify(account, typeof oid === 'number' ? { orderId: oid } : { clientOrderId: oid }, read);
}

function cancel(context: ExchangeContext, account: string, asset: number, target: OrderTarget): unknown {
  const refusal = ofCoin(context, asset, (coin) => context.engine.cancel(account, coin, target));
  return refusal === undefined ? 'success' : { error: ofAsset(refusal, asset) };
}

function ofCoin(
  { engine }: ExchangeContext,
  asset: number,
  act: (coin: string) => string | undefined,
): string | undefined {
  const coin = engine.assets[asset]?.coin;
  return coin === undefined ? unknownAsset.message : act(coin);
}

const asWhole = (refusal: string | undefined): WireAnswer => (refusal === undefined ? done() : refused(refusal));
