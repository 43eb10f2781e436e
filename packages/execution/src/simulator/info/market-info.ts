import type { ExchangeContext } from '../exchange-context.ts';
import { candleInterval } from '../records/candle-interval.ts';
import { marginTableId, wireAssetContext, wireMarginTable, wireMeta, wireMids } from '../wire/wire-asset.ts';
import { type BookGrouping, wireLevels } from '../wire/wire-book.ts';
import { wireCandle } from '../wire/wire-candle.ts';
import { wireDecimal } from '../wire/wire-decimal.ts';
import { wireTrade } from '../wire/wire-fill.ts';
import { type InfoHandler, type InfoRequest, numberIn, otherDex } from './info-request.ts';

const hourMs = 3_600_000;
const emptyMeta = { universe: [], marginTables: [], collateralToken: 0 };

/** The requests that ask for markets. */
export function marketInfo(context: ExchangeContext): Readonly<Record<string, InfoHandler>> {
  const { engine, records, clock } = context;
  const listed = (request: InfoRequest): string | undefined =>
    engine.assets.find((asset) => asset.coin === request.coin)?.coin;
  const contexts = (): unknown[] => engine.assets.map(({ coin }) => wireAssetContext(engine, records, coin));
  return {
    meta: (request) => (otherDex(request) ? emptyMeta : wireMeta(engine.assets)),
    metaAndAssetCtxs: (request) => (otherDex(request) ? [emptyMeta, []] : [wireMeta(engine.assets), contexts()]),
    allPerpMetas: () => [wireMeta(engine.assets)],
    perpDexs: () => [null],
    allMids: (request) => (otherDex(request) ? {} : wireMids(engine)),
    l2Book: (request) => {
      const coin = listed(request);
      const grouping = bookGrouping(request);
      if (grouping === undefined) return undefined;
      return coin === undefined ? null : wireBook(context, coin, grouping);
    },
    recentTrades: (request) => {
      const coin = listed(request);
      return coin === undefined ? null : records.trades(coin).slice(0, 10).map(wireTrade);
    },
    candleSnapshot: ({ req }) => {
      const asked = (typeof req === 'object' && req !== null ? req : {}) as InfoRequest;
      const interval = candleInterval(asked.interval);
      if (interval === undefined) return undefined;
      const coin = listed(asked);
      if (coin === undefined) return null;
      const candles = records.candles.between(
        coin,
        interval,
        numberIn(asked, 'startTime', 0),
        numberIn(asked, 'endTime', clock.nowMs()),
      );
      return candles.slice(-5_000).map((candle) => wireCandle(coin, interval, candle));
    },
    fundingHistory: (request) => {
      const coin = listed(request);
      if (coin === undefined) return null;
      const fromMs = numberIn(request, 'startTime', 0);
      const toMs = numberIn(request, 'endTime', Infinity);
      return records
        .fundingPrints(coin)
        .filter((print) => print.atMs >= fromMs && print.atMs <= toMs)
        .slice(0, 500)
        .map((print) => ({
          coin,
          fundingRate: wireDecimal(print.rate),
          premium: wireDecimal(print.premium),
          time: print.atMs,
        }));
    },
    predictedFundings: () =>
      engine.assets.map(({ coin }) => [
        coin,
        [
          [
            'HlPerp',
            {
              fundingRate: wireDecimal(engine.fundingRate(coin)),
              nextFundingTime: (Math.floor(clock.nowMs() / hourMs) + 1) * hourMs,
              fundingIntervalHours: 1,
            },
          ],
        ],
      ]),
    marginTable: (request) => {
      const asset = engine.assets.find((candidate, index) => marginTableId(candidate, index) === request.id);
      return asset === undefined ? undefined : wireMarginTable(asset);
    },
    exchangeStatus: () => ({ time: clock.nowMs(), specialStatuses: context.specialStatus }),
    perpsAtOpenInterestCap: () => [],
    perpDexStatus: () => ({ totalNetDeposit: '0.0' }),
    perpDexLimits: () => null,
  };
}

/** A book as `l2Book` shows it. */
export function wireBook(
  context: ExchangeContext,
  coin: string,
  grouping: BookGrouping,
): { coin: string; time: number; levels: ReturnType<typeof wireLevels>[] } {
  const book = context.engine.book(coin);
  return {
    coin,
    time: book.atMs,
    levels: [wireLevels(book.bids, 'bid', grouping), wireLevels(book.asks, 'ask', grouping)],
  };
}

/** Reads how a request wants levels grouped; undefined when the venue knows no such grouping. */
export function bookGrouping(request: InfoRequest): BookGrouping | undefined {
  const figures = request.nSigFigs ?? undefined;
  const mantissa = request.mantissa ?? undefined;
  if (figures === undefined) return mantissa === undefined ? {} : undefined;
  if (typeof figures !== 'number' || ![2, 3, 4, 5].includes(figures)) return undefined;
  if (mantissa === undefined) return { figures };
  return figures === 5 && (mantissa === 1 || mantissa === 2 || mantissa === 5) ? { figures, mantissa } : undefined;
}
