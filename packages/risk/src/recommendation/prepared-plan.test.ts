import { toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { show } from '../decision/show.ts';
import {
  anAccount,
  anInstrument,
  aPosition,
  aRecommendation,
  aRecommendationInput,
  aTicker,
  aUser,
  fresh,
} from '../testing/fixtures.ts';
import { evaluate } from './evaluate.ts';
import { PreparedPlan } from './prepared-plan.ts';
import type { RecommendationInput, VenueCandidate } from './recommendation-input.ts';
import { confidenceFactor } from './risk-evaluation/confidence-scaling.ts';

const instrument = anInstrument();
const listing = { instrument, ticker: fresh(aTicker(instrument.id, 60_000)) };
const eth = aPosition({ size: toSize('0.02'), margin: toUsd(20) });
const btc = aPosition({
  instrumentId: instrument.id,
  size: toSize('0.001'),
  margin: toUsd(20),
  markPrice: toPrice(60_000),
  entryPrice: toPrice(60_000),
  protection: { stopLoss: toPrice(59_000), stopSize: toSize('0.001'), takeProfits: [] },
});
const recommendation = aRecommendation({ confidence: 0.7 });

/** One user's input; all of them have the same listing. */
function inputOf(id: string, changes: Partial<RecommendationInput> = {}, venue: Partial<VenueCandidate> = {}) {
  const account = fresh(anAccount(10_000, { userId: id, venue: venue.name ?? 'paper' }));
  return aRecommendationInput({
    recommendation,
    user: aUser({ id, ...changes.user }),
    venue: { listings: [listing], account, ...venue },
    ...changes,
  });
}
const user = (id: string, pyramiding: boolean) => ({ user: aUser({ id, pyramiding }) });

/** One of several venues lists the market: what was looked at is in the step. */
const [single] = inputOf('two venues').candidates;
const twoVenues = inputOf('two venues', {
  candidates: single === undefined ? [] : [single, { ...single, name: 'okx', unhealthy: 'down' }],
});

/** Users who differ in all that a step may read. */
const inputs: readonly RecommendationInput[] = [
  inputOf('none'),
  inputOf('one', { positions: [eth] }),
  inputOf('two', { positions: [eth, { ...eth, venue: 'okx' }] }),
  inputOf('pyramids', user('pyramids', true)),
  inputOf('adds', { ...user('adds', true), positions: [btc] }),
  inputOf('holds', { positions: [btc] }),
  inputOf('elsewhere', {}, { name: 'okx' }),
  twoVenues,
  inputOf('reasoned', { venueReasons: { paper: 'the only one' } }),
  inputOf('halted', { tradingState: 'halted' }),
];

describe('PreparedPlan', () => {
  it('default: one plan for all users decides on each as a plan of his own does, to the byte, in any order', () => {
    const options = { recommendation, referenceTicker: listing.ticker, atMs: inputs[0]?.atMs ?? 0 };
    for (const users of [inputs, inputs.toReversed()]) {
      const plan = new PreparedPlan(options);
      for (const input of [...users, ...users])
        expect(JSON.stringify(evaluate({ ...input, plan }))).toBe(JSON.stringify(evaluate(input)));
    }
  });

  it('behavior: the trim by confidence is each user’s own, whoever came first', () => {
    const options = { recommendation, referenceTicker: listing.ticker, atMs: inputs[0]?.atMs ?? 0 };
    for (const confidences of [
      [0.7, 0.8, 0.7, 0.6],
      [0.8, 0.7, 0.6, 0.8],
    ]) {
      const plan = new PreparedPlan(options);
      const factors = confidences.map((confidence) => Number(show(plan.confidenceFactor(confidence))));
      expect(factors).toEqual(confidences.map((confidence) => Number(show(confidenceFactor(confidence)))));
    }
  });

  it('behavior: what reads the same for two users is one step in both decisions, what does not is its own', () => {
    const plan = new PreparedPlan({ recommendation, referenceTicker: listing.ticker, atMs: inputs[0]?.atMs ?? 0 });
    const [first, second, third] = [inputOf('a'), inputOf('b'), inputOf('c', { positions: [eth] })].map(
      (input) => evaluate({ ...input, plan }).decision.steps,
    );
    for (const [index, name] of [
      'pre-filter',
      'venue-routing',
      'levels',
      'positions-held',
      'personal-scoring',
    ].entries()) {
      expect(first?.[index]?.step).toBe(name);
      expect(second?.[index]).toBe(first?.[index]);
    }
    expect(third?.[0]?.before).toEqual({ positions: 1, tradingState: 'active', confidence: 0.7 });
    expect(third?.[1]).toBe(first?.[1]);
  });
});
