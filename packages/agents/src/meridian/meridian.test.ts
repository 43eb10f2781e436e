import { opinionSchema } from '@perpdesk/core';
import type { StaticMarketViewOptions } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import {
  exampleCandles,
  exampleInstrument,
  exampleMarket,
  exampleRelease,
  requestAt,
  startAtMs,
} from '../testing/market.ts';
import { Meridian, type MeridianOptions } from './agent.ts';
import { meridianDetailsSchema } from './schema.ts';

const hourMs = 3_600_000;
const atMs = startAtMs + 5 * 24 * hourMs;
const rising = exampleCandles({
  minutes: 5 * 1_440,
  drift: (minute) => (minute > 4 * 1_440 ? 0.00002 : 0),
  deviation: () => 0.0002,
});

async function opine(
  data: Partial<Omit<StaticMarketViewOptions, 'clock'>>,
  settings: MeridianOptions['settings'] = {},
  market = 'BTC-PERP',
) {
  const { view, clock } = exampleMarket(atMs, data);
  const reports: unknown[] = [];
  const meridian = new Meridian({ marketView: view, macroView: view, clock, settings });
  const opinion = await meridian.opine(requestAt(atMs, market), { onReport: (report) => reports.push(report) });
  return { opinion, details: opinion && meridianDetailsSchema.parse(opinion.details), reports };
}

describe('Meridian', () => {
  it('behavior: bars and indicators that are replaced within one instant are read anew', async () => {
    const candles = [...rising];
    const snapshotOf = (atr: number) => ({
      ...{ instrumentId: request.instrumentId, timeframe: '1h' as const, bars: 500 },
      ...{ openAtMs: atMs - hourMs, values: { 'atr(14)': atr } },
    });
    const { view, clock, request } = exampleMarket(atMs);
    const marketView = Object.assign(view, {
      candles: (_: string, timeframe: string, limit: number) =>
        candles.filter((candle) => candle.timeframe === timeframe).slice(-limit),
      indicators: () => snapshot,
    });
    let snapshot = snapshotOf(100);
    const meridian = new Meridian({ marketView, macroView: view, clock });
    const moveIn = async () =>
      (await meridian.opine(request))?.evidence.find(({ feature }) => feature === 'barometer.dayMove')?.value;
    const first = (await moveIn()) ?? Number.NaN;
    snapshot = snapshotOf(200);
    expect(await moveIn()).toBeCloseTo(first / 2, 6);
    const index = candles.findLastIndex(({ timeframe }) => timeframe === '1h');
    const bar = candles[index];
    if (bar === undefined) throw new Error('There is no such bar.');
    candles[index] = { ...bar, close: bar.close - 1_000 };
    expect(await moveIn()).toBeCloseTo(first / 2 - 1_000 / (200 * Math.sqrt(24)), 6);
  });

  it('default: without a calendar it has risk appetite alone, completeness 0.25, rescaled', async () => {
    const { opinion, details } = await opine({ candles: rising });
    expect(opinionSchema.safeParse(opinion).success).toBe(true);
    expect(Object.keys(details?.components ?? {})).toEqual(['riskAppetite']);
    expect(opinion).toMatchObject({ timeframe: '1h', refreshMs: hourMs, direction: 'long', completeness: 0.25 });
    expect(opinion?.score).toBeCloseTo(4 * (details?.components.riskAppetite ?? Number.NaN), 9);
    expect(details?.macroRegime).toBe('risk-on');
  });

  it('behavior: surprises fill the other three, by polarity', async () => {
    const { opinion, details } = await opine({
      candles: rising,
      releases: [
        exampleRelease('rate-expectations', 2, atMs),
        exampleRelease('growth', 1, atMs, { polarity: 1 }),
        exampleRelease('liquidity', -0.5, atMs, { polarity: 1 }),
      ],
    });
    expect(details?.components).toMatchObject({ rateExpectations: -25, growth: 12.5, liquidity: -6.25 });
    expect(opinion?.completeness).toBe(1);
    expect(details?.releases.map(({ outcome }) => outcome).sort()).toEqual(['beat', 'beat', 'miss']);
  });

  it('behavior: a calendar without candles is enough', async () => {
    const { opinion } = await opine({ releases: [exampleRelease('rate-expectations', 2, atMs)] });
    expect(opinion).toMatchObject({
      direction: 'short',
      score: -100,
      completeness: 0.25,
      confidence: expect.closeTo(0.775, 9),
    });
  });

  it('behavior: another market is read with the barometer and by its own day', async () => {
    const eth = exampleInstrument('ETH-PERP');
    const own = exampleCandles({
      id: eth.id,
      minutes: 5 * 1_440,
      drift: (minute) => (minute > 4 * 1_440 ? -0.00004 : 0),
      deviation: () => 0.0002,
    });
    const { opinion } = await opine(
      { instruments: [exampleInstrument(), eth], candles: [...rising, ...own] },
      {},
      'ETH-PERP',
    );
    const value = (feature: string) => opinion?.evidence.find((item) => item.feature === feature)?.value ?? Number.NaN;
    expect(value('barometer.dayMove')).toBeGreaterThan(0.3);
    expect(value('market.dayMove')).toBeLessThan(-0.3);
  });

  it('behavior: events of the alert window are catalysts', async () => {
    const macroEvents = [3, 6].map(
      (hours) => exampleRelease('growth', 0, atMs + hours * hourMs, { series: `IN.${hours}H` }).event,
    );
    const series = async (alertWindow: '4h' | '8h') =>
      (await opine({ candles: rising, macroEvents }, { alertWindow })).details?.catalysts.map(
        (catalyst) => catalyst.series,
      );
    expect(await series('4h')).toEqual(['IN.3H']);
    expect(await series('8h')).toEqual(['IN.3H', 'IN.6H']);
  });

  it('behavior: abstains without a release or a candle, also when events are ahead', async () => {
    const macroEvents = [exampleRelease('growth', 0, atMs + hourMs).event];
    const { opinion, reports } = await opine({ macroEvents });
    expect(opinion).toBeUndefined();
    expect(reports).toEqual([{ kind: 'abstained', reason: 'no-data' }]);
  });

  it('behavior: risk-on and risk-off bounds are settings', async () => {
    const { details } = await opine({ candles: rising }, { riskOn: 100 });
    expect(details?.macroRegime).toBe('neutral');
  });
});
