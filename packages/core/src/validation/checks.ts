// Generated from the zod schemas by generator/write-checks.ts and held to them by checks.test.ts: do not edit.
import type { Candle } from '../domain/candle.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type {
  BookDelta,
  FundingRate,
  Liquidation,
  OpenInterest,
  OrderBookSnapshot,
  Ticker,
  Trade,
} from '../domain/market-data.ts';
import type { Opinion } from '../domain/opinion.ts';
import type { OrderIntent } from '../domain/order.ts';
import { isJsonRecord } from './json-record.ts';

const pattern1 = /^-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?$/;
const pattern2 = /^[0-9a-f]{32}$/;
const pattern3 = /^[A-Z0-9][A-Z0-9.:]*-PERP$/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBookLevelArray(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i += 1) if (!isBookLevel(value[i])) return false;
  return true;
}

function isKeyLevelArray(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i += 1) if (!isKeyLevel(value[i])) return false;
  return true;
}

function isEvidenceArray(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i += 1) if (!isEvidence(value[i])) return false;
  return true;
}

/** True of exactly what `instrumentIdSchema` accepts. */
export function isInstrumentId(value: unknown): value is InstrumentId {
  return typeof value === 'string' && value.includes('@');
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && pattern1.test(value);
}

function isBookLevel(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const item0: unknown = value[0];
  if (!(typeof item0 === 'number' && item0 > 0 && item0 < Number.POSITIVE_INFINITY)) return false;
  const item1: unknown = value[1];
  if (!(typeof item1 === 'number' && item1 >= 0 && item1 < Number.POSITIVE_INFINITY)) return false;
  return true;
}

/** True of exactly what `tradeSchema` accepts. */
export function isTrade(value: unknown): value is Trade {
  if (!isRecord(value)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const id = value.id;
  if (!(typeof id === 'string')) return false;
  const side = value.side;
  if (!(side === 'buy' || side === 'sell')) return false;
  const price = value.price;
  if (!(typeof price === 'number' && price > 0 && price < Number.POSITIVE_INFINITY)) return false;
  const size = value.size;
  if (!(typeof size === 'number' && size > 0 && size < Number.POSITIVE_INFINITY)) return false;
  const exchangeAtMs = value.exchangeAtMs;
  if (!(typeof exchangeAtMs === 'number' && Number.isSafeInteger(exchangeAtMs))) return false;
  const receivedAtMs = value.receivedAtMs;
  if (!(typeof receivedAtMs === 'number' && Number.isSafeInteger(receivedAtMs))) return false;
  return true;
}

/** True of exactly what `candleSchema` accepts. */
export function isCandle(value: unknown): value is Candle {
  if (!isRecord(value)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const timeframe = value.timeframe;
  if (
    !(
      timeframe === '1m' ||
      timeframe === '5m' ||
      timeframe === '15m' ||
      timeframe === '1h' ||
      timeframe === '4h' ||
      timeframe === '1d'
    )
  )
    return false;
  const openAtMs = value.openAtMs;
  if (!(typeof openAtMs === 'number' && Number.isSafeInteger(openAtMs))) return false;
  const open = value.open;
  if (!(typeof open === 'number' && open > 0 && open < Number.POSITIVE_INFINITY)) return false;
  const high = value.high;
  if (!(typeof high === 'number' && high > 0 && high < Number.POSITIVE_INFINITY)) return false;
  const low = value.low;
  if (!(typeof low === 'number' && low > 0 && low < Number.POSITIVE_INFINITY)) return false;
  const close = value.close;
  if (!(typeof close === 'number' && close > 0 && close < Number.POSITIVE_INFINITY)) return false;
  const volume = value.volume;
  if (!(typeof volume === 'number' && volume >= 0 && volume < Number.POSITIVE_INFINITY)) return false;
  return true;
}

/** True of exactly what `tickerSchema` accepts. */
export function isTicker(value: unknown): value is Ticker {
  if (!isRecord(value)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const last = value.last;
  if (!(typeof last === 'number' && last > 0 && last < Number.POSITIVE_INFINITY)) return false;
  const mark = value.mark;
  if (!(typeof mark === 'number' && mark > 0 && mark < Number.POSITIVE_INFINITY)) return false;
  const index = value.index;
  if (
    index === undefined
      ? 'index' in value
      : !(typeof index === 'number' && index > 0 && index < Number.POSITIVE_INFINITY)
  )
    return false;
  const bid = value.bid;
  if (!(typeof bid === 'number' && bid > 0 && bid < Number.POSITIVE_INFINITY)) return false;
  const ask = value.ask;
  if (!(typeof ask === 'number' && ask > 0 && ask < Number.POSITIVE_INFINITY)) return false;
  const exchangeAtMs = value.exchangeAtMs;
  if (!(typeof exchangeAtMs === 'number' && Number.isSafeInteger(exchangeAtMs))) return false;
  const receivedAtMs = value.receivedAtMs;
  if (!(typeof receivedAtMs === 'number' && Number.isSafeInteger(receivedAtMs))) return false;
  return true;
}

/** True of exactly what `orderBookSchema` accepts. */
export function isOrderBookSnapshot(value: unknown): value is OrderBookSnapshot {
  if (!isRecord(value)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const bids = value.bids;
  if (!isBookLevelArray(bids)) return false;
  const asks = value.asks;
  if (!isBookLevelArray(asks)) return false;
  const sequence = value.sequence;
  if (sequence === undefined ? 'sequence' in value : !(typeof sequence === 'number' && Number.isSafeInteger(sequence)))
    return false;
  const exchangeAtMs = value.exchangeAtMs;
  if (!(typeof exchangeAtMs === 'number' && Number.isSafeInteger(exchangeAtMs))) return false;
  const receivedAtMs = value.receivedAtMs;
  if (!(typeof receivedAtMs === 'number' && Number.isSafeInteger(receivedAtMs))) return false;
  return true;
}

/** True of exactly what `bookDeltaSchema` accepts. */
export function isBookDelta(value: unknown): value is BookDelta {
  if (!isRecord(value)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const bids = value.bids;
  if (!isBookLevelArray(bids)) return false;
  const asks = value.asks;
  if (!isBookLevelArray(asks)) return false;
  const sequence = value.sequence;
  if (!(typeof sequence === 'number' && Number.isSafeInteger(sequence))) return false;
  const firstSequence = value.firstSequence;
  if (
    firstSequence === undefined
      ? 'firstSequence' in value
      : !(typeof firstSequence === 'number' && Number.isSafeInteger(firstSequence))
  )
    return false;
  const previousSequence = value.previousSequence;
  if (
    previousSequence === undefined
      ? 'previousSequence' in value
      : !(typeof previousSequence === 'number' && Number.isSafeInteger(previousSequence))
  )
    return false;
  const exchangeAtMs = value.exchangeAtMs;
  if (!(typeof exchangeAtMs === 'number' && Number.isSafeInteger(exchangeAtMs))) return false;
  const receivedAtMs = value.receivedAtMs;
  if (!(typeof receivedAtMs === 'number' && Number.isSafeInteger(receivedAtMs))) return false;
  return true;
}

/** True of exactly what `fundingRateSchema` accepts. */
export function isFundingRate(value: unknown): value is FundingRate {
  if (!isRecord(value)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const rate = value.rate;
  if (!(typeof rate === 'number' && Number.isFinite(rate))) return false;
  const intervalMs = value.intervalMs;
  if (!(typeof intervalMs === 'number' && Number.isSafeInteger(intervalMs) && intervalMs > 0)) return false;
  const settlesAtMs = value.settlesAtMs;
  if (!(typeof settlesAtMs === 'number' && Number.isSafeInteger(settlesAtMs))) return false;
  const predicted = value.predicted;
  if (!(typeof predicted === 'boolean')) return false;
  const exchangeAtMs = value.exchangeAtMs;
  if (!(typeof exchangeAtMs === 'number' && Number.isSafeInteger(exchangeAtMs))) return false;
  const receivedAtMs = value.receivedAtMs;
  if (!(typeof receivedAtMs === 'number' && Number.isSafeInteger(receivedAtMs))) return false;
  return true;
}

/** True of exactly what `openInterestSchema` accepts. */
export function isOpenInterest(value: unknown): value is OpenInterest {
  if (!isRecord(value)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const size = value.size;
  if (!(typeof size === 'number' && size >= 0 && size < Number.POSITIVE_INFINITY)) return false;
  const notionalUsd = value.notionalUsd;
  if (!(typeof notionalUsd === 'number' && notionalUsd >= 0 && notionalUsd < Number.POSITIVE_INFINITY)) return false;
  const exchangeAtMs = value.exchangeAtMs;
  if (!(typeof exchangeAtMs === 'number' && Number.isSafeInteger(exchangeAtMs))) return false;
  const receivedAtMs = value.receivedAtMs;
  if (!(typeof receivedAtMs === 'number' && Number.isSafeInteger(receivedAtMs))) return false;
  return true;
}

/** True of exactly what `liquidationSchema` accepts. */
export function isLiquidation(value: unknown): value is Liquidation {
  if (!isRecord(value)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const side = value.side;
  if (!(side === 'buy' || side === 'sell')) return false;
  const price = value.price;
  if (!(typeof price === 'number' && price > 0 && price < Number.POSITIVE_INFINITY)) return false;
  const size = value.size;
  if (!(typeof size === 'number' && size > 0 && size < Number.POSITIVE_INFINITY)) return false;
  const exchangeAtMs = value.exchangeAtMs;
  if (!(typeof exchangeAtMs === 'number' && Number.isSafeInteger(exchangeAtMs))) return false;
  const receivedAtMs = value.receivedAtMs;
  if (!(typeof receivedAtMs === 'number' && Number.isSafeInteger(receivedAtMs))) return false;
  return true;
}

/** True of exactly what `orderIntentSchema` accepts. */
export function isOrderIntent(value: unknown): value is OrderIntent {
  if (!isRecord(value)) return false;
  const clientOrderId = value.clientOrderId;
  if (!(typeof clientOrderId === 'string' && pattern2.test(clientOrderId))) return false;
  const userId = value.userId;
  if (!(typeof userId === 'string')) return false;
  const venue = value.venue;
  if (!(typeof venue === 'string')) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const side = value.side;
  if (!(side === 'buy' || side === 'sell')) return false;
  const type = value.type;
  if (!(type === 'market' || type === 'limit' || type === 'stop-market' || type === 'take-profit-market')) return false;
  const size = value.size;
  if (!isDecimal(size)) return false;
  const price = value.price;
  if (price === undefined ? 'price' in value : !isDecimal(price)) return false;
  const triggerPrice = value.triggerPrice;
  if (triggerPrice === undefined ? 'triggerPrice' in value : !isDecimal(triggerPrice)) return false;
  const timeInForce = value.timeInForce;
  if (!(timeInForce === 'gtc' || timeInForce === 'ioc' || timeInForce === 'post-only')) return false;
  const reduceOnly = value.reduceOnly;
  if (!(typeof reduceOnly === 'boolean')) return false;
  const purpose = value.purpose;
  if (!(purpose === 'entry' || purpose === 'stop-loss' || purpose === 'take-profit' || purpose === 'exit'))
    return false;
  const origin = value.origin;
  if (
    !(
      origin === 'agent' ||
      origin === 'chat' ||
      origin === 'manual' ||
      origin === 'api' ||
      origin === 'guard' ||
      origin === 'kill-switch'
    )
  )
    return false;
  const closeReason = value.closeReason;
  if (
    closeReason === undefined
      ? 'closeReason' in value
      : !(
          closeReason === 'stop-loss' ||
          closeReason === 'take-profit' ||
          closeReason === 'time-exit' ||
          closeReason === 'funding-exit' ||
          closeReason === 'manual' ||
          closeReason === 'kill-switch' ||
          closeReason === 'unprotected' ||
          closeReason === 'liquidation' ||
          closeReason === 'auto-deleveraging' ||
          closeReason === 'closed-elsewhere'
        )
  )
    return false;
  const stopLoss = value.stopLoss;
  if (stopLoss === undefined ? 'stopLoss' in value : !isDecimal(stopLoss)) return false;
  const leverage = value.leverage;
  if (
    leverage === undefined
      ? 'leverage' in value
      : !(typeof leverage === 'number' && leverage > 0 && leverage < Number.POSITIVE_INFINITY)
  )
    return false;
  const marginMode = value.marginMode;
  if (marginMode === undefined ? 'marginMode' in value : !(marginMode === 'isolated' || marginMode === 'cross'))
    return false;
  const traceId = value.traceId;
  if (traceId === undefined ? 'traceId' in value : !(typeof traceId === 'string')) return false;
  const tradeId = value.tradeId;
  if (tradeId === undefined ? 'tradeId' in value : !(typeof tradeId === 'string')) return false;
  const signalId = value.signalId;
  if (signalId === undefined ? 'signalId' in value : !(typeof signalId === 'string')) return false;
  return true;
}

function isMarketId(value: unknown): boolean {
  return typeof value === 'string' && pattern3.test(value);
}

function isKeyLevel(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const kind = value.kind;
  if (!(kind === 'support' || kind === 'resistance')) return false;
  const price = value.price;
  if (!(typeof price === 'number' && price > 0 && price < Number.POSITIVE_INFINITY)) return false;
  const strength = value.strength;
  if (!(typeof strength === 'number' && strength >= 0 && strength <= 1 && strength < Number.POSITIVE_INFINITY))
    return false;
  return true;
}

function isEvidence(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const feature = value.feature;
  if (!(typeof feature === 'string')) return false;
  const ownValue = value.value;
  if (!(typeof ownValue === 'number' && Number.isFinite(ownValue))) return false;
  return true;
}

function isRuled(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const direction = value.direction;
  if (!(direction === 'long' || direction === 'short' || direction === 'neutral')) return false;
  const score = value.score;
  if (!(typeof score === 'number' && score >= -100 && score <= 100 && score < Number.POSITIVE_INFINITY)) return false;
  const confidence = value.confidence;
  if (!(typeof confidence === 'number' && confidence >= 0 && confidence <= 1 && confidence < Number.POSITIVE_INFINITY))
    return false;
  return true;
}

/** True of exactly what `opinionSchema` accepts. */
export function isOpinion(value: unknown): value is Opinion {
  if (!isRecord(value)) return false;
  const id = value.id;
  if (!(typeof id === 'string')) return false;
  const agent = value.agent;
  if (!(typeof agent === 'string')) return false;
  const market = value.market;
  if (!isMarketId(market)) return false;
  const instrumentId = value.instrumentId;
  if (!isInstrumentId(instrumentId)) return false;
  const timeframe = value.timeframe;
  if (
    !(
      timeframe === '1m' ||
      timeframe === '5m' ||
      timeframe === '15m' ||
      timeframe === '1h' ||
      timeframe === '4h' ||
      timeframe === '1d'
    )
  )
    return false;
  const atMs = value.atMs;
  if (!(typeof atMs === 'number' && Number.isSafeInteger(atMs))) return false;
  const refreshMs = value.refreshMs;
  if (!(typeof refreshMs === 'number' && Number.isSafeInteger(refreshMs) && refreshMs > 0)) return false;
  const direction = value.direction;
  if (!(direction === 'long' || direction === 'short' || direction === 'neutral')) return false;
  const score = value.score;
  if (!(typeof score === 'number' && score >= -100 && score <= 100 && score < Number.POSITIVE_INFINITY)) return false;
  const confidence = value.confidence;
  if (!(typeof confidence === 'number' && confidence >= 0 && confidence <= 1 && confidence < Number.POSITIVE_INFINITY))
    return false;
  const completeness = value.completeness;
  if (
    !(
      typeof completeness === 'number' &&
      completeness >= 0 &&
      completeness <= 1 &&
      completeness < Number.POSITIVE_INFINITY
    )
  )
    return false;
  const source = value.source;
  if (!(source === 'model' || source === 'rules')) return false;
  const ruled = value.ruled;
  if (ruled === undefined ? 'ruled' in value : !isRuled(ruled)) return false;
  const regime = value.regime;
  if (
    regime === undefined
      ? 'regime' in value
      : !(
          regime === 'trending' ||
          regime === 'ranging' ||
          regime === 'volatile' ||
          regime === 'quiet' ||
          regime === 'transitioning'
        )
  )
    return false;
  const keyLevels = value.keyLevels;
  if (!isKeyLevelArray(keyLevels)) return false;
  const evidence = value.evidence;
  if (!isEvidenceArray(evidence)) return false;
  const reasoning = value.reasoning;
  if (!(typeof reasoning === 'string' && reasoning.length <= 2000)) return false;
  const details = value.details;
  if (!isJsonRecord(details)) return false;
  return true;
}
