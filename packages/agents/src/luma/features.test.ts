import type {
  Candle,
  DerivativesFeaturesView,
  InstrumentDerivatives,
  MarketDerivatives,
  Reading,
  Turn,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { Luma } from './agent.ts';
import { readLuma } from './features.ts';

const atMs = startAtMs + 2 * 86_400_000;
const told = exampleCandles({ minutes: 2 * 1_440 });
const fresh = <Value>(value: Value): Reading<Value> => ({ quality: 'fresh', value, atMs });

/** A view that answers with the same objects until it is told otherwise, all within one instant. */
function place() {
  const candles: Candle[] = [...told];
  const { view, clock, request } = exampleMarket(atMs);
  const answers: { own: InstrumentDerivatives; market: MarketDerivatives } = { own: funded(0.0001), market: {} };
  const features: DerivativesFeaturesView = {
    derivativesOf: () => answers.own,
    marketDerivatives: () => answers.market,
  };
  const live = Object.assign(view, features, {
    candles: (_: string, timeframe: string, limit: number) =>
      candles.filter((candle) => candle.timeframe === timeframe).slice(-limit),
  });
  const read = () => {
    const reading = readLuma({ marketView: live, derivativesView: live }, request);
    if ('absent' in reading) throw new Error('There is no reading.');
    return reading;
  };
  return { candles, answers, read, live, clock, request };
}

function funded(per8h: number): InstrumentDerivatives {
  return { funding: fresh({ per8h, annualized: 0, predicted: true, settlesAtMs: atMs }) };
}

describe('readLuma', () => {
  it('default: while nothing that it is made of changes, it is the very same reading', () => {
    const { read } = place();
    expect(read()).toBe(read());
  });

  it('behavior: whatever comes within the same instant makes another', () => {
    const { read, answers, candles } = place();
    const first = read();
    answers.own = funded(-0.0002);
    const second = read();
    expect([first.features['funding.rate'], second.features['funding.rate']]).toEqual([1, -2]);
    answers.market = { positions: { venues: [], build: 0.5, moveUsd: 1, shifted: 0.25 } };
    expect(read().features).toMatchObject({ 'funding.rate': -2, 'flow.build': 0.5, 'flow.shifted': 0.25 });

    const corrected = (timeframe: string): void => {
      const index = candles.findLastIndex((candle) => candle.timeframe === timeframe);
      const bar = candles[index];
      if (bar === undefined) throw new Error('There is no such bar.');
      candles[index] = { ...bar, volume: 50 * bar.volume };
    };
    for (const timeframe of ['5m', '1h'] as const) {
      const before = read().features[`${timeframe}.volume.anomaly`] ?? Number.NaN;
      corrected(timeframe);
      expect(read().features[`${timeframe}.volume.anomaly`]).toBeCloseTo(50 * before, 4);
    }
  });

  it('behavior: a debate at the instant of the opinion hears what came between the two', async () => {
    const { live, clock, request, answers } = place();
    const luma = new Luma({ marketView: live, derivativesView: live, clock });
    const opinion = await luma.opine(request);
    if (opinion === undefined) throw new Error('There is no opinion.');
    const rateIn = ({ evidence }: Turn) => evidence.find(({ feature }) => feature === 'funding.rate')?.value;
    const asked = { ...request, opinion, transcript: [] };
    const turn = await luma.debate(asked);
    expect([turn.direction, turn.evidence, rateIn(turn)]).toEqual([opinion.direction, opinion.evidence, 1]);
    answers.own = funded(0.003);
    expect(rateIn(await luma.debate(asked))).toBe(30);
  });
});
