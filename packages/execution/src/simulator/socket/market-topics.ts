import type { ExchangeContext } from '../exchange-context.ts';
import type { InfoRequest } from '../info/info-request.ts';
import { bookGrouping, wireBook } from '../info/market-info.ts';
import { candleInterval } from '../records/candle-interval.ts';
import { wireAssetContext, wireMids } from '../wire/wire-asset.ts';
import { wireLevel } from '../wire/wire-book.ts';
import { wireCandle } from '../wire/wire-candle.ts';
import { wireTrade } from '../wire/wire-fill.ts';
import type { Subscription, SubscriptionTopic } from './subscription-topic.ts';

const shownTrades = 10;
const fastLevels = 5;

/** The subscriptions to markets. */
export function marketTopics(context: ExchangeContext): Readonly<Record<string, SubscriptionTopic>> {
  const { engine, records } = context;
  const coinOf = (request: InfoRequest): { coin: string } | undefined => {
    const asset = engine.assets.find((candidate) => candidate.coin === request.coin);
    return asset === undefined ? undefined : { coin: asset.coin };
  };
  const coin = (subscription: Subscription): string => String(subscription.coin);
  /** A topic whose message is made anew whenever something it shows has changed. */
  const shown = (
    read: SubscriptionTopic['read'],
    show: (subscription: Subscription) => unknown,
    changed: (subscription: Subscription, changes: Parameters<SubscriptionTopic['update']>[1]) => boolean,
  ): SubscriptionTopic => ({
    read,
    initial: (subscription) => [show(subscription)],
    update: (subscription, changes) => (changed(subscription, changes) ? [show(subscription)] : []),
  });
  const contexts = (): unknown[] => engine.assets.map((asset) => wireAssetContext(engine, records, asset.coin));
  return {
    l2Book: shown(
      (request) => {
        const named = coinOf(request);
        if (named === undefined || bookGrouping(request) === undefined) return undefined;
        const { nSigFigs = null, mantissa = null, fast } = request;
        return { ...named, nSigFigs, mantissa, ...(typeof fast === 'boolean' ? { fast } : {}) };
      },
      (subscription) => {
        const book = wireBook(context, coin(subscription), bookGrouping(subscription) ?? {});
        if (subscription.fast !== true) return book;
        return { ...book, levels: book.levels.map((side) => side.slice(0, fastLevels)), fast: true };
      },
      (subscription, changes) => changes.books.has(coin(subscription)),
    ),
    bbo: shown(
      coinOf,
      (subscription) => {
        const { bids, asks, atMs } = engine.book(coin(subscription));
        const [bid] = bids;
        const [ask] = asks;
        return {
          coin: coin(subscription),
          time: atMs,
          bbo: [bid === undefined ? null : wireLevel(bid), ask === undefined ? null : wireLevel(ask)],
        };
      },
      (subscription, changes) => changes.books.has(coin(subscription)),
    ),
    trades: {
      read: coinOf,
      initial: (subscription) => {
        const trades = records.trades(coin(subscription)).slice(0, shownTrades).reverse();
        return trades.length === 0 ? [] : [trades.map(wireTrade)];
      },
      update: (subscription, changes) => {
        const trades = changes.trades.get(coin(subscription));
        return trades === undefined ? [] : [trades.map(wireTrade)];
      },
    },
    candle: {
      read: (request) => {
        const interval = candleInterval(request.interval);
        const named = coinOf(request);
        return named === undefined || interval === undefined ? undefined : { ...named, interval };
      },
      initial: (subscription) => lastCandle(context, subscription),
      update: (subscription, changes) =>
        changes.trades.has(coin(subscription)) ? lastCandle(context, subscription) : [],
    },
    activeAssetCtx: shown(
      coinOf,
      (subscription) => ({
        coin: coin(subscription),
        ctx: wireAssetContext(engine, records, coin(subscription)),
      }),
      (subscription, changes) => changes.contexts.has(coin(subscription)) || changes.trades.has(coin(subscription)),
    ),
    allMids: shown(
      (request) => (typeof request.dex === 'string' ? { dex: request.dex } : {}),
      (subscription) =>
        subscription.dex === undefined ? { mids: wireMids(engine) } : { mids: {}, dex: subscription.dex },
      (_, changes) => changes.contexts.size > 0,
    ),
    assetCtxs: shown(
      (request) => ({ dex: typeof request.dex === 'string' ? request.dex : '' }),
      (subscription) => ({ dex: subscription.dex, ctxs: subscription.dex === '' ? contexts() : [] }),
      (_, changes) => changes.contexts.size > 0,
    ),
    allDexsAssetCtxs: shown(
      () => ({}),
      () => ({ ctxs: [['', contexts()]] }),
      (_, changes) => changes.contexts.size > 0,
    ),
  };
}

function lastCandle({ records }: ExchangeContext, subscription: Subscription): readonly unknown[] {
  const interval = candleInterval(subscription.interval);
  const coin = String(subscription.coin);
  const candle = interval === undefined ? undefined : records.candles.last(coin, interval);
  return interval === undefined || candle === undefined ? [] : [wireCandle(coin, interval, candle)];
}
