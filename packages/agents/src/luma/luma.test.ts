import { opinionSchema } from '@perpdesk/core';
import type { StaticMarketViewOptions } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import {
  exampleCandles,
  exampleFunding,
  exampleInstrument,
  exampleMarket,
  exampleOpenInterest,
  startAtMs,
} from '../testing/market.ts';
import { Luma, type LumaOptions } from './agent.ts';
import { lumaLabelOf } from './rules.ts';
import { lumaDetailsSchema } from './schema.ts';

const id = 'BTC-PERP@hyperliquid';
const atMs = startAtMs + 3 * 86_400_000;
const candles = exampleCandles({
  minutes: 3 * 1_440,
  drift: (minute) => (minute > 4_200 ? 0.0001 : 0),
  deviation: () => 0.0002,
});
const usual = Array.from({ length: 24 }, () => 0.0000125);

async function opine(data: Partial<Omit<StaticMarketViewOptions, 'clock'>>, settings: LumaOptions['settings'] = {}) {
  const { view, clock, request } = exampleMarket(atMs, data);
  const reports: unknown[] = [];
  const luma = new Luma({ marketView: view, derivativesView: view, clock, settings });
  const opinion = await luma.opine(request, { onReport: (report) => reports.push(report) });
  const details = opinion === undefined ? undefined : lumaDetailsSchema.parse(opinion.details);
  return { opinion, details, reports };
}

describe('Luma', () => {
  it('default: rising open interest on a rising price are new longs', async () => {
    const { opinion, details } = await opine({
      candles,
      openInterest: exampleOpenInterest(id, atMs, 3),
      funding: exampleFunding(id, atMs, usual),
    });
    expect(opinionSchema.safeParse(opinion).success).toBe(true);
    expect(opinion).toMatchObject({
      id: `opinion:luma:BTC-PERP:${atMs}`,
      timeframe: '5m',
      refreshMs: 300_000,
      completeness: 0.75,
    });
    expect(details?.quadrant).toBe('new-longs');
    expect(details?.components.openInterest).toBe(25);
  });

  it('behavior: funding and volume alone: their sum × 2, completeness 0.5', async () => {
    const { opinion, details } = await opine({ candles, funding: exampleFunding(id, atMs, usual) });
    const { funding = Number.NaN, volume = Number.NaN } = details?.components ?? {};
    expect(Object.keys(details?.components ?? {})).toEqual(['funding', 'volume']);
    expect(opinion?.score).toBeCloseTo((funding + volume) * 2, 9);
    expect(opinion?.completeness).toBe(0.5);
    expect(details).not.toHaveProperty('quadrant');
  });

  it('behavior: leans against a crowd that pays unusually much, and not against a usual rate', async () => {
    const crowded = await opine({ candles, funding: exampleFunding(id, atMs, [...usual, 0.0001]) });
    expect(crowded.details?.components.funding).toBe(-25);
    const calm = await opine({ candles, funding: exampleFunding(id, atMs, usual) });
    expect(calm.details?.components.funding).toBe(0);
    // Unusually low but still paid by longs: no crowd of shorts.
    const low = await opine({
      candles,
      funding: exampleFunding(id, atMs, [...usual.map((rate) => rate * 4), 0.000001]),
    });
    expect(low.details?.components.funding).toBe(0);
  });

  it('behavior: flow needs two venues, or liquidations', async () => {
    const binance = exampleInstrument('BTC-PERP', 'binance');
    const openInterest = [...exampleOpenInterest(id, atMs, 3), ...exampleOpenInterest(binance.id, atMs, 3)];
    const { details } = await opine({ instruments: [exampleInstrument(), binance], candles, openInterest });
    expect(details?.components.flow).toBe(25);
  });

  it('behavior: abstains without any of its data, and is not neutral', async () => {
    const { opinion, reports } = await opine({});
    expect(opinion).toBeUndefined();
    expect(reports).toEqual([{ kind: 'abstained', reason: 'no-data' }]);
  });

  it('behavior: a calmer Luma scores the same data lower', async () => {
    const data = { candles, openInterest: exampleOpenInterest(id, atMs, 1) };
    const scores = await Promise.all(
      (['calm', 'alert', 'hyper'] as const).map((sensitivity) => opine(data, { sensitivity })),
    );
    const [calm = 0, alert = 0, hyper = 0] = scores.map(({ details }) => details?.components.openInterest);
    expect(calm).toBeCloseTo(alert / 1.25, 1);
    expect(hyper).toBeCloseTo(alert / 0.8, 1);
  });

  it('behavior: strong-only publishes what is not strong as neutral, its score as it is', async () => {
    const data = { candles, openInterest: exampleOpenInterest(id, atMs, 1) };
    const all = await opine(data);
    const strong = await opine(data, { filter: 'strong-only' });
    expect(all.opinion?.direction).toBe('long');
    expect(all.details?.filtered).toBe(false);
    expect(strong.opinion).toMatchObject({ direction: 'neutral', score: all.opinion?.score });
    expect(strong.details?.filtered).toBe(true);
  });

  it('behavior: the trigger setting moves trigger and refresh', () => {
    const { view, clock } = exampleMarket(atMs);
    const luma = new Luma({ marketView: view, derivativesView: view, clock, settings: { trigger: '1h' } });
    expect(luma.triggers).toEqual([{ kind: 'candle-close', timeframe: '1h' }]);
    expect(luma.refreshMs).toBe(3_600_000);
  });

  it.each([
    [19.99, 'neutral'],
    [-20, 'weak'],
    [40, 'moderate'],
    [-69.99, 'moderate'],
    [70, 'strong'],
  ] as const)('behavior: a score of %d is %s', (score, label) => {
    expect(lumaLabelOf(score)).toBe(label);
  });
});
