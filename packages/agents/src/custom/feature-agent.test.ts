import { type Opinion, PerpDeskError } from '@perpdesk/core';
import { type SensingAgentHarness, sensingAgentContract } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { ScriptedModel } from '../model/scripted-model.ts';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { answerTo } from '../testing/model-answer.ts';
import { FeatureAgent, type FeatureAgentOptions } from './feature-agent.ts';

const atMs = startAtMs + 14 * 86_400_000;
const market = exampleMarket(atMs, { candles: exampleCandles({ drift: () => 0.000_01 }) });

type Options = FeatureAgentOptions<'drift' | 'pull'>;

/** A day's drift of the closes, against what is thought full. */
function drifter({ view, clock }: typeof market, changes: Partial<Options> = {}): FeatureAgent {
  return new FeatureAgent<'drift' | 'pull'>({
    name: 'drifter',
    weight: 0.3,
    timeframe: '1h',
    components: ['drift', 'pull'],
    clock,
    read: ({ instrumentId }) => {
      const candles = view.candles(instrumentId, '1h', 25);
      const [first, last] = [candles[0], candles.at(-1)];
      if (first === undefined || last === undefined) return undefined;
      return { features: { 'drift.day': last.close / first.close - 1, 'drift.none': Number.NaN } };
    },
    judge: (features) => ({ components: { drift: 1_000 * (features['drift.day'] ?? 0) } }),
    ...changes,
  });
}
const opine = (agent: FeatureAgent): Promise<Opinion | undefined> => agent.opine(market.request);

describe('FeatureAgent', () => {
  it('default: features, rules, score, confidence and words come to an opinion like any other', async () => {
    const opinion = await opine(drifter(market));
    const drift = opinion?.evidence[0]?.value ?? Number.NaN;
    expect(drift).toBeGreaterThan(0.005);
    const component = Math.round(Math.min(1_000 * drift, 25) * 100) / 100;
    expect(opinion).toMatchObject({
      agent: 'drifter',
      timeframe: '1h',
      refreshMs: 3_600_000,
      score: Math.round(4 * component * 100) / 100,
      completeness: 0.5,
      source: 'rules',
      direction: 'long',
      evidence: [{ feature: 'drift.day' }],
      details: { components: { drift: component } },
      reasoning: `drifter reads long: drift ${component}.`,
    });
  });

  it('behavior: components beyond their bounds are cut, those that are no numbers are missing', async () => {
    const strong = await opine(drifter(market, { judge: () => ({ components: { drift: 900, pull: -900 } }) }));
    expect(strong).toMatchObject({ score: 0, completeness: 1, details: { components: { drift: 25, pull: -25 } } });
    const half = await opine(drifter(market, { judge: () => ({ components: { drift: 25, pull: Number.NaN } }) }));
    expect(half).toMatchObject({ score: 100, completeness: 0.5, details: { components: { drift: 25 } } });
    expect(half?.confidence).toBeCloseTo(0.85, 12);
    expect(await opine(drifter(market, { judge: () => ({ components: {} }) }))).toBeUndefined();
  });

  it('behavior: a model judges the same features, and its own rules serve when it cites what it was not given', async () => {
    const prompt = { version: 1, text: 'You are Drifter.' };
    const asked: string[] = [];
    const model = (feature?: string) =>
      new ScriptedModel({
        answer: ({ prompt: question, system }) => {
          asked.push(system);
          const answer = answerTo(question, 20);
          return feature === undefined ? answer : { ...answer, evidence: [{ feature, value: 1 }] };
        },
      });
    expect(await opine(drifter(market, { prompt, model: model() }))).toMatchObject({ source: 'model', score: 80 });
    expect(await opine(drifter(market, { prompt, model: model('drift.week') }))).toMatchObject({ source: 'rules' });
    expect(asked[0]).toMatch(/^You are Drifter\.\nYou judge only the numbers/);
  });

  it('behavior: its words are cut to what an opinion may hold', async () => {
    const wordy = drifter(market, { judge: () => ({ components: { drift: 10 }, reasoning: 'ä'.repeat(5_000) }) });
    expect((await opine(wordy))?.reasoning).toHaveLength(2_000);
  });

  it.each<[string, Partial<Options>, RegExp]>([
    ['a name with capitals', { name: 'Drifter' }, /"Drifter" must be lower-case/],
    ['no weight', { weight: 0 }, /weight of drifter is 0/],
    ['a weight that is no number', { weight: Number.NaN }, /weight of drifter is NaN/],
    ['no components', { components: [] }, /no components/],
    ['a component twice', { components: ['drift', 'drift'] }, /a component twice/],
    ['a broken refresh', { refreshMs: 0.5 }, /refreshMs of drifter is 0\.5/],
    ['a model without a prompt', { model: new ScriptedModel({ answer: () => ({}) }) }, /has a model and no prompt/],
  ])('error: %s is refused by name', (_, changes, message) => {
    const make = () => drifter(market, changes);
    expect(make).toThrow(message);
    try {
      make();
    } catch (error) {
      expect(PerpDeskError.is(error) && error.code).toBe('agent.option');
    }
  });
});

describe('FeatureAgent keeps to the contract of sensing agents', () => {
  const harness = (): SensingAgentHarness => ({
    agent: drifter(market),
    request: market.request,
    withoutData: drifter(exampleMarket(atMs)),
  });
  for (const contractCase of sensingAgentContract) it(contractCase.name, () => contractCase.run(harness));
});
