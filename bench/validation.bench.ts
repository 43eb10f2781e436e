// The generated checks against checks written by hand and zod, ns per valid object and ratios, in one run.
// Run: node --conditions=@perpdesk/source bench/validation.bench.ts
import {
  type BookDelta,
  bookDeltaSchema,
  type Candle,
  candleSchema,
  type FundingRate,
  fundingRateSchema,
  isBookDelta,
  isCandle,
  isFundingRate,
  isOrderIntent,
  isTicker,
  isTrade,
  median,
  type OrderIntent,
  orderIntentSchema,
  type Ticker,
  type Trade,
  tickerSchema,
  tradeSchema,
} from '../packages/core/src/index.ts';
import { exampleOrderIntent } from '../packages/core/src/testing/index.ts';

// By hand: what one writes who knows that the objects come from JSON. Same fields, same bounds.
const above0 = (value: unknown): boolean => typeof value === 'number' && value > 0 && Number.isFinite(value);
const from0 = (value: unknown): boolean => typeof value === 'number' && value >= 0 && Number.isFinite(value);
const whole = (value: unknown): boolean => Number.isSafeInteger(value);
const isId = (value: unknown): boolean => typeof value === 'string' && value.includes('@');
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const decimal = /^-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?$/;
const isDecimal = (value: unknown): boolean => typeof value === 'string' && decimal.test(value);
const orAbsent = (value: unknown, check: (value: unknown) => boolean): boolean => value === undefined || check(value);

const byHand = {
  trade(value: unknown): boolean {
    if (!isObject(value)) return false;
    const t = value as Trade;
    return (
      isId(t.instrumentId) &&
      typeof t.id === 'string' &&
      (t.side === 'buy' || t.side === 'sell') &&
      above0(t.price) &&
      above0(t.size) &&
      whole(t.exchangeAtMs) &&
      whole(t.receivedAtMs)
    );
  },
  candle(value: unknown): boolean {
    if (!isObject(value)) return false;
    const c = value as Candle;
    const { timeframe } = c;
    return (
      isId(c.instrumentId) &&
      (timeframe === '1m' ||
        timeframe === '5m' ||
        timeframe === '15m' ||
        timeframe === '1h' ||
        timeframe === '4h' ||
        timeframe === '1d') &&
      whole(c.openAtMs) &&
      above0(c.open) &&
      above0(c.high) &&
      above0(c.low) &&
      above0(c.close) &&
      from0(c.volume)
    );
  },
  ticker(value: unknown): boolean {
    if (!isObject(value)) return false;
    const t = value as Ticker;
    return (
      isId(t.instrumentId) &&
      above0(t.last) &&
      above0(t.mark) &&
      orAbsent(t.index, above0) &&
      above0(t.bid) &&
      above0(t.ask) &&
      whole(t.exchangeAtMs) &&
      whole(t.receivedAtMs)
    );
  },
  bookDelta(value: unknown): boolean {
    if (!isObject(value)) return false;
    const d = value as BookDelta;
    return (
      isId(d.instrumentId) &&
      areLevels(d.bids) &&
      areLevels(d.asks) &&
      whole(d.sequence) &&
      orAbsent(d.firstSequence, whole) &&
      orAbsent(d.previousSequence, whole) &&
      whole(d.exchangeAtMs) &&
      whole(d.receivedAtMs)
    );
  },
  funding(value: unknown): boolean {
    if (!isObject(value)) return false;
    const f = value as FundingRate;
    return (
      isId(f.instrumentId) &&
      Number.isFinite(f.rate) &&
      whole(f.intervalMs) &&
      f.intervalMs > 0 &&
      whole(f.settlesAtMs) &&
      typeof f.predicted === 'boolean' &&
      whole(f.exchangeAtMs) &&
      whole(f.receivedAtMs)
    );
  },
  order(value: unknown): boolean {
    if (!isObject(value)) return false;
    const o = value as OrderIntent;
    const { type, timeInForce, purpose, origin } = o;
    return (
      typeof o.clientOrderId === 'string' &&
      /^[0-9a-f]{32}$/.test(o.clientOrderId) &&
      typeof o.userId === 'string' &&
      typeof o.venue === 'string' &&
      isId(o.instrumentId) &&
      (o.side === 'buy' || o.side === 'sell') &&
      (type === 'market' || type === 'limit' || type === 'stop-market' || type === 'take-profit-market') &&
      isDecimal(o.size) &&
      orAbsent(o.price, isDecimal) &&
      orAbsent(o.triggerPrice, isDecimal) &&
      (timeInForce === 'gtc' || timeInForce === 'ioc' || timeInForce === 'post-only') &&
      typeof o.reduceOnly === 'boolean' &&
      (purpose === 'entry' || purpose === 'stop-loss' || purpose === 'take-profit' || purpose === 'exit') &&
      (origin === 'agent' ||
        origin === 'chat' ||
        origin === 'manual' ||
        origin === 'api' ||
        origin === 'guard' ||
        origin === 'kill-switch') &&
      orAbsent(o.stopLoss, isDecimal) &&
      orAbsent(o.leverage, above0) &&
      orAbsent(o.marginMode, (mode) => mode === 'isolated' || mode === 'cross') &&
      orAbsent(o.traceId, isText) &&
      orAbsent(o.tradeId, isText) &&
      orAbsent(o.signalId, isText)
    );
  },
};

const isText = (value: unknown): boolean => typeof value === 'string';

function areLevels(levels: unknown): boolean {
  if (!Array.isArray(levels)) return false;
  for (const level of levels)
    if (!Array.isArray(level) || level.length !== 2 || !above0(level[0]) || !from0(level[1])) return false;
  return true;
}

const instrumentIds = Array.from({ length: 50 }, (_, i) => `S${i}-PERP@hyperliquid`);
const moments = (i: number): object => ({ exchangeAtMs: 1_753_056_000_000 + i, receivedAtMs: 1_753_056_000_100 + i });
/** Through JSON, as they come in. */
const objects = (make: (instrumentId: string, i: number) => object): unknown[] =>
  JSON.parse(JSON.stringify(instrumentIds.map((id, i) => make(id, i))));

interface Subject {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly ours: (value: unknown) => boolean;
  readonly hand: (value: unknown) => boolean;
  readonly zod: (value: unknown) => boolean;
}

const subjects: readonly Subject[] = [
  {
    name: 'Trade',
    values: objects((instrumentId, i) => ({
      instrumentId,
      id: `${i}`,
      side: i % 2 ? 'buy' : 'sell',
      price: 100.5 + i,
      size: 0.25,
      ...moments(i),
    })),
    ours: isTrade,
    hand: byHand.trade,
    zod: (value) => tradeSchema.safeParse(value).success,
  },
  {
    name: 'Candle',
    values: objects((instrumentId, i) => ({
      instrumentId,
      timeframe: ['1m', '5m', '1h'][i % 3],
      openAtMs: i * 60_000,
      open: 1.5,
      high: 2.5,
      low: 1.25,
      close: 2.25,
      volume: i,
    })),
    ours: isCandle,
    hand: byHand.candle,
    zod: (value) => candleSchema.safeParse(value).success,
  },
  {
    name: 'Ticker',
    values: objects((instrumentId, i) => ({
      instrumentId,
      last: 100.5,
      mark: 100.25,
      index: 100.75,
      bid: 100.5,
      ask: 101.5 + i,
      ...moments(i),
    })),
    ours: isTicker,
    hand: byHand.ticker,
    zod: (value) => tickerSchema.safeParse(value).success,
  },
  {
    name: 'BookDelta, 5 + 5 levels',
    values: objects((instrumentId, i) => ({
      instrumentId,
      bids: Array.from({ length: 5 }, (_, j) => [99.5 - j, j % 2 === 0 ? 0 : j + 0.5]),
      asks: Array.from({ length: 5 }, (_, j) => [100.5 + j, j + 0.25]),
      sequence: i,
      firstSequence: i,
      previousSequence: i,
      ...moments(i),
    })),
    ours: isBookDelta,
    hand: byHand.bookDelta,
    zod: (value) => bookDeltaSchema.safeParse(value).success,
  },
  {
    name: 'FundingRate',
    values: objects((instrumentId, i) => ({
      instrumentId,
      rate: 0.0001,
      intervalMs: 3_600_000,
      settlesAtMs: i * 3_600_000,
      predicted: i % 2 === 0,
      ...moments(i),
    })),
    ours: isFundingRate,
    hand: byHand.funding,
    zod: (value) => fundingRateSchema.safeParse(value).success,
  },
  {
    name: 'OrderIntent',
    values: objects((instrumentId, i) => ({ ...exampleOrderIntent(), instrumentId, userId: `user-${i}` })),
    ours: isOrderIntent,
    hand: byHand.order,
    zod: (value) => orderIntentSchema.safeParse(value).success,
  },
];

/** A loop of its own for each contender, so that each call site sees one callee. */
const loopOver = (
  check: string,
): ((values: readonly unknown[], count: number, ours: (value: unknown) => boolean) => number) =>
  new Function(
    'values',
    'count',
    check,
    `let n = 0; for (let i = 0; i < count; i += 1) if (${check}(values[i % 50])) n += 1; return n;`,
  ) as never;

console.log('goal: ours ≤ 2 × by hand');
for (const { name, values, ours, hand, zod } of subjects) {
  const contenders = [
    { check: ours, count: 100_000, loop: loopOver('ours'), times: [] as number[] },
    { check: hand, count: 100_000, loop: loopOver('hand'), times: [] as number[] },
    { check: zod, count: 10_000, loop: loopOver('zod'), times: [] as number[] },
  ];
  for (let round = 0; round < 66; round += 1) {
    for (let turn = 0; turn < 3; turn += 1) {
      const contender = contenders[(turn + round) % 3];
      if (contender === undefined) continue;
      const startedAt = performance.now();
      const accepted = contender.loop(values, contender.count, contender.check);
      if (accepted !== contender.count) throw new Error(`${name}: a valid value was refused`);
      if (round >= 6) contender.times.push(((performance.now() - startedAt) / contender.count) * 1e6);
    }
  }
  const [o = Number.NaN, h = Number.NaN, z = Number.NaN] = contenders.map(({ times }) => median(times) ?? Number.NaN);
  console.log(
    `${name.padEnd(24)} ours ${o.toFixed(1)} ns, by hand ${h.toFixed(1)} ns, zod ${z.toFixed(0)} ns`,
    `| ours / by hand ${(o / h).toFixed(2)} ${o <= 2 * h ? 'held' : 'NOT HELD'}, zod / ours ${(z / o).toFixed(1)}`,
  );
}
