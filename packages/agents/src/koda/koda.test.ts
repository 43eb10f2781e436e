import {
  Decimal,
  type EntryStyle,
  guidanceSchema,
  isOnRule,
  sum,
  type Ticker,
  toNumber,
  toPrice,
  toSize,
  toUsd,
  type User,
} from '@perpdesk/core';
import type { StaticMarketViewOptions } from '@perpdesk/core/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleCandles, exampleInstrument, exampleMarket, startAtMs } from '../testing/market.ts';
import { exampleSignal } from '../testing/signal.ts';
import { type EntrySettings, Koda } from './agent.ts';

const atMs = startAtMs + 86_400_000;
const signal = exampleSignal({ createdAtMs: atMs, expiresAtMs: atMs + 900_000 });
const candles = exampleCandles({ minutes: 1_440, volume: () => 100 });
const ticker = (bid: number, ask: number): Ticker => ({
  instrumentId: 'BTC-PERP@hyperliquid',
  last: bid,
  mark: bid,
  bid,
  ask,
  exchangeAtMs: atMs,
  receivedAtMs: atMs,
});
const tickers = [ticker(59_990, 60_010)];
const settings: EntrySettings = { tier: 'advanced', entryPreference: 'ladder', aggression: 'balanced' };
const koda = (data: Partial<Omit<StaticMarketViewOptions, 'clock'>> = { candles, tickers }): Koda =>
  new Koda({ marketView: exampleMarket(atMs, data).view });
const prices = (legs: ReturnType<Koda['guide']>['legs']): number[] =>
  legs.map((leg) => toNumber(leg.price ?? toPrice(0)));

describe('Koda', () => {
  it('default: a ladder below the mid, on the price rule, fractions that sum to 1', () => {
    const guidance = koda().guide(signal, settings, atMs);
    expect(guidanceSchema.safeParse(guidance).error).toBeUndefined();
    expect(guidance).toMatchObject({
      signalId: signal.id,
      userId: 'user-1',
      style: 'ladder',
      source: 'rules',
      expiresAfterMs: 890_000,
    });
    expect(guidance.legs.map((leg) => leg.fraction)).toEqual(['0.5', '0.3', '0.2']);
    const [first = 0, second = 0, third = 0] = prices(guidance.legs);
    expect(first).toBeLessThan(60_000);
    expect(second).toBeLessThan(first);
    expect(third).toBeLessThan(second);
    expect(third).toBeGreaterThan(59_400);
  });

  it('behavior: a short mirrors it above the mid', () => {
    const short = exampleSignal({ createdAtMs: atMs, expiresAtMs: atMs + 900_000 }, 'short');
    const [first = 0, , third = 0] = prices(koda().guide(short, settings, atMs).legs);
    expect(first).toBeGreaterThan(60_000);
    expect(third).toBeGreaterThan(first);
    expect(third).toBeLessThan(60_600);
  });

  it('behavior: aggression brings limits nearer to the mid', () => {
    const first = (aggression: User['aggression']) =>
      prices(koda().guide(signal, { ...settings, aggression }, atMs).legs)[0] ?? 0;
    expect(first('aggressive')).toBe(60_000);
    expect(first('balanced')).toBeLessThan(first('aggressive'));
    expect(first('passive')).toBeLessThan(first('balanced'));
  });

  it('behavior: limits are rounded away from crossing', () => {
    const coarse = { ...exampleInstrument(), priceRule: { kind: 'tick' as const, tick: toPrice(10) } };
    const first = (direction: 'long' | 'short') => {
      const near = koda({ instruments: [coarse], candles, tickers: [ticker(60_002, 60_004)] });
      const any = exampleSignal({ expiresAtMs: atMs + 900_000 }, direction);
      return prices(near.guide(any, { ...settings, aggression: 'aggressive' }, atMs).legs)[0];
    };
    expect([first('long'), first('short')]).toEqual([60_000, 60_010]);
  });

  it('behavior: a market entry is one order without a price', () => {
    const guidance = koda().guide(signal, { ...settings, entryPreference: 'market' }, atMs);
    expect(guidance).toMatchObject({ style: 'market', legs: [{ type: 'market', fraction: '1' }] });
  });

  it('behavior: a size too small for three rungs takes two, for two one', () => {
    const legs = (size: string) =>
      koda()
        .guide({ ...signal, size: toSize(size) }, settings, atMs)
        .legs.map((leg) => leg.fraction);
    expect(legs('0.0009')).toEqual(['0.5', '0.3', '0.2']);
    expect(legs('0.0005')).toEqual(['0.6', '0.4']);
    expect(legs('0.0003')).toEqual(['1']);
    expect(koda().guide({ ...signal, size: toSize('0.0003') }, settings, atMs).style).toBe('sniper');
  });

  it('behavior: a market that ran away is not chased, one that fell is not bought at the stop', () => {
    const above = koda({ candles, tickers: [ticker(60_900, 60_901)] }).guide(signal, settings, atMs);
    expect(prices(above.legs)[0]).toBe(60_150);
    const below = koda({ candles, tickers: [ticker(59_410, 59_411)] }).guide(signal, settings, atMs);
    expect(prices(below.legs)).toEqual([59_580]);
  });

  it('behavior: without quotes and candles the entry is what there is, and the notes say so', () => {
    const guidance = koda({}).guide(signal, settings, atMs);
    expect(prices(guidance.legs)[0]).toBe(59_988);
    expect(guidance.notes.at(-1)).toBe("There is no fresh quote, so prices were set from the plan's entry.");
    expect(guidance.slippage).toBe('0.0005');
  });

  it('behavior: an instrument whose rules are not known gets one limit at the entry', () => {
    const guidance = koda({ instruments: [] }).guide(signal, settings, atMs);
    expect(guidance.legs).toEqual([{ type: 'limit', price: '60000', fraction: '1' }]);
  });

  it('behavior: limits are cancelled before the signal is over, whether it was guided at once or some seconds later', () => {
    const rests = (sinceMs: number) => koda().guide(signal, settings, atMs + sinceMs).expiresAfterMs;
    expect([0, 300, 59_999, 60_000].map(rests)).toEqual([890_000, 890_000, 890_000, 830_000]);
    expect([600_000, 860_000, 899_000, 900_001].map(rests)).toEqual([290_000, 30_000, 1, 1]);
  });

  it('behavior: slippage grows with spread, volatility and size, within its bounds', () => {
    const slippage = (spread: number, notional = 3_000) => {
      const near = koda({ candles, tickers: [ticker(60_000 - spread / 2, 60_000 + spread / 2)] });
      return toNumber(
        near.guide({ ...signal, notional: toUsd(notional) }, { ...settings, entryPreference: 'market' }, atMs).slippage,
      );
    };
    expect(slippage(2)).toBeGreaterThan(0.0005);
    expect(slippage(60)).toBeGreaterThan(slippage(2));
    expect(slippage(2, 20_000)).toBeGreaterThan(slippage(2));
    expect(slippage(2_000)).toBe(0.0025);
  });

  it('behavior: any signal and market give valid guidance', async () => {
    const instrument = exampleInstrument();
    await fc.assert(
      fc.property(
        fc.record({
          direction: fc.constantFrom('long' as const, 'short' as const),
          stop: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
          size: fc.double({ min: 0.000_01, max: 50, noNaN: true }),
          mid: fc.double({ min: 50_000, max: 70_000, noNaN: true }),
          confidence: fc.double({ min: 0.6, max: 1, noNaN: true }),
          isFirstTrade: fc.boolean(),
          tier: fc.constantFrom('beginner' as const, 'intermediate' as const, 'advanced' as const),
          entryPreference: fc.constantFrom<EntryStyle>('sniper', 'ladder', 'market'),
          aggression: fc.constantFrom('passive' as const, 'balanced' as const, 'aggressive' as const),
        }),
        ({ direction, stop, size, mid, confidence, isFirstTrade, ...user }) => {
          const sign = direction === 'long' ? 1 : -1;
          const any = exampleSignal({
            direction,
            confidence,
            isFirstTrade,
            size: toSize(size.toFixed(5)),
            notional: toUsd((size * 60_000).toFixed(2)),
            stopLoss: toPrice(Math.round(60_000 * (1 - sign * stop))),
          });
          const guidance = koda({ candles, tickers: [ticker(mid - 5, mid + 5)] }).guide(any, user, atMs);
          expect(guidanceSchema.safeParse(guidance).error).toBeUndefined();
          expect(new Decimal(sum(guidance.legs.map((leg) => leg.fraction))).equals(1)).toBe(true);
          expect(toNumber(guidance.slippage)).toBeGreaterThanOrEqual(0.0005);
          expect(toNumber(guidance.slippage)).toBeLessThanOrEqual(0.0025);
          for (const { price } of guidance.legs) {
            if (price === undefined) continue;
            expect(isOnRule(instrument.priceRule, price)).toBe(true);
            expect(sign * (toNumber(price) - toNumber(any.stopLoss))).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
