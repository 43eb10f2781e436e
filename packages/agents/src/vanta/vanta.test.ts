import { opinionSchema, SimulatedClock } from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import {
  exampleCandles,
  exampleInstrument,
  exampleMarket,
  type PathOptions,
  requestAt,
  startAtMs,
} from '../testing/market.ts';
import { Vanta } from './agent.ts';
import { vantaDetailsSchema } from './schema.ts';

const dayMs = 86_400_000;
const atMs = startAtMs + 14 * dayMs;

async function opine(path: PathOptions, at = atMs) {
  const { view, clock, request } = exampleMarket(at, { candles: exampleCandles(path) });
  return await new Vanta({ marketView: view, clock }).opine(request);
}

/** A rise (or fall) of the last two days on volume that joins it. */
const trending = (sign: 1 | -1): PathOptions => ({
  drift: (minute) => (minute > 12 * 1_440 ? sign * 0.00003 : 0),
  deviation: () => 0.0002,
  volume: (_, change) => (sign * change > 0 ? 20 : 6),
});

describe('Vanta', () => {
  it('default: reads a steady rise on joining volume as long, with structure and levels', async () => {
    const opinion = await opine(trending(1));
    expect(opinionSchema.safeParse(opinion).success).toBe(true);
    expect(opinion).toMatchObject({
      id: `opinion:vanta:BTC-PERP:${atMs}`,
      agent: 'vanta',
      timeframe: '15m',
      refreshMs: 900_000,
      direction: 'long',
      completeness: 1,
      source: 'rules',
    });
    const details = vantaDetailsSchema.parse(opinion?.details);
    expect(details.components.trend).toBeGreaterThan(15);
    expect(details.components.volume).toBeGreaterThan(5);
    expect(opinion?.keyLevels.some((level) => level.kind === 'support')).toBe(true);
    expect(opinion?.evidence.find(({ feature }) => feature === 'confluence.bias')?.value).toBeGreaterThan(0.5);
  });

  it('behavior: reads the mirror image as short', async () => {
    const opinion = await opine(trending(-1));
    expect(opinion?.direction).toBe('short');
    expect(opinion?.score).toBeLessThan(-30);
  });

  it('behavior: the score is the sum of its four components', async () => {
    const opinion = await opine({ seed: 'sum' });
    const { components } = vantaDetailsSchema.parse(opinion?.details);
    const sum = Object.values(components).reduce((total, value) => total + value, 0);
    expect(opinion?.score).toBeCloseTo(sum, 9);
    expect(Object.keys(components)).toEqual(['trend', 'structure', 'momentum', 'volume']);
  });

  it('behavior: without volume three components are rescaled and completeness says so', async () => {
    const opinion = await opine({ volume: () => 0 });
    const { components } = vantaDetailsSchema.parse(opinion?.details);
    const sum = Object.values(components).reduce((total, value) => total + value, 0);
    expect(opinion?.completeness).toBe(0.75);
    expect(opinion?.score).toBeCloseTo((sum * 4) / 3, 1);
  });

  it('behavior: abstains before it has its bars, and right after a gap, and says why', async () => {
    const candles = exampleCandles({ minutes: 1_440 });
    const reports: unknown[] = [];
    const ask = async (at: number, among = candles) => {
      const { view, clock, request } = exampleMarket(at, { candles: among });
      return await new Vanta({ marketView: view, clock }).opine(request, {
        onReport: (report) => reports.push(report),
      });
    };
    // The 21st bar of an hour closes at 21:00, long after the 40th of a quarter.
    expect(await ask(startAtMs + 20.75 * 3_600_000)).toBeUndefined();
    expect(await ask(startAtMs + 21 * 3_600_000)).toMatchObject({ agent: 'vanta', atMs: startAtMs + 21 * 3_600_000 });
    const gapped = candles.filter((candle) => candle.openAtMs !== startAtMs + 18 * 3_600_000);
    expect(await ask(startAtMs + 21 * 3_600_000, gapped)).toBeUndefined();
    const absent = { kind: 'abstained', reason: 'insufficient-history' };
    expect(reports).toEqual([absent, absent]);
  });

  it('behavior: reads as of the clock: what comes later changes nothing', async () => {
    const whole = exampleCandles({ seed: 'later' });
    const at = startAtMs + 5 * dayMs;
    const known = whole.filter((candle) => candle.openAtMs < at);
    const ask = async (candles: typeof whole) => {
      const { view, clock, request } = exampleMarket(at, { candles });
      return await new Vanta({ marketView: view, clock }).opine(request);
    };
    expect(JSON.stringify(await ask(whole))).toBe(JSON.stringify(await ask(known)));
  });

  it('behavior: restates its opinion in a debate', async () => {
    const clock = new SimulatedClock({ startAtMs: atMs });
    const view = new StaticMarketView({
      clock,
      instruments: [exampleInstrument()],
      candles: exampleCandles(trending(1)),
    });
    const vanta = new Vanta({ marketView: view, clock });
    const request = requestAt(atMs);
    const opinion = await vanta.opine(request);
    if (opinion === undefined) throw new Error('no opinion');
    const turn = await vanta.debate({ ...request, opinion, transcript: [] });
    const { agent, direction, confidence, keyLevels, evidence, reasoning, source } = opinion;
    expect(turn).toEqual({ index: 0, agent, direction, confidence, keyLevels, evidence, reasoning, source });
  });

  it('behavior: in a debate after its data went away its opinion stands', async () => {
    const { view, clock, request } = exampleMarket(atMs, { candles: exampleCandles(trending(1)) });
    const opinion = await new Vanta({ marketView: view, clock }).opine(request);
    const empty = exampleMarket(atMs);
    if (opinion === undefined) throw new Error('no opinion');
    const turn = await new Vanta({ marketView: empty.view, clock }).debate({ ...request, opinion, transcript: [] });
    expect(turn).toMatchObject({ direction: opinion.direction, confidence: opinion.confidence });
  });
});
