import {
  type LanguageModel,
  ModelError,
  type PredictionNews,
  predictionAssessmentSchema,
  SystemClock,
  VenueError,
} from '@perpdesk/core';
import { StaticPredictionHistory, testClock, testStartAtMs } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ScriptedModel } from '../model/scripted-model.ts';
import { OpenAiModel } from '../openai/index.ts';
import { CompletionServer } from '../testing/completion-server.ts';
import { Plop, type PlopOptions } from './agent.ts';
import { ExampleSource, exampleBook, exampleContract, exampleQuote } from './testing/example-contract.ts';

const hourMs = 3_600_000;
const { id } = exampleContract();
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

function desk(options: Partial<PlopOptions> = {}, contract = exampleContract()) {
  const clock = testClock();
  const source = new ExampleSource('kalshi', [contract]);
  return { clock, source, contract, plop: new Plop({ sources: [source], clock, ...options }) };
}
const good = (probability = 0.6) => ({
  probability,
  evidence: [{ feature: 'market.mid', value: 0.4 }],
  reasoning: `The mid of 0.4 is too low, ${probability} is likelier.`,
});
async function assessed(plop: Plop, contract = exampleContract()) {
  const answer = await plop.assess(contract);
  if (answer.outcome !== 'assessed') throw new Error(answer.refusal.message);
  predictionAssessmentSchema.parse(answer.assessment);
  return answer;
}

describe('Plop by rules', () => {
  it('default: a contract named in chat, assessed whole', async () => {
    const clock = testClock();
    const quotes = [exampleQuote(id, 24 * hourMs, 0.3), exampleQuote(id, 2 * hourMs, 0.38)];
    const history = new StaticPredictionHistory({ clock, quotes });
    for (let i = 0; i < 30; i += 1)
      await history.record(exampleContract({ id: `kalshi:P${i}`, event: `E${i}`, resolution: i < 24 ? 'yes' : 'no' }));
    const source = new ExampleSource('kalshi', [exampleContract()]);
    const plop = new Plop({ sources: [source], clock, history });
    const answer = await plop.answer('How likely is https://kalshi.com/markets/kxrain/rain/KXRAIN-26DEC06-T1 ?');
    if (answer.outcome !== 'assessed') throw new Error(answer.refusal.message);
    // Base rate (24 + 8·0.4)/38 of 30 outcomes, a tenth of 30/50 of the way there, in log-odds.
    const l = Math.log(0.4 / 0.6);
    const rate = (24 + 3.2) / 38;
    const pooled = 1 / (1 + Math.exp(-(l + 0.1 * 0.6 * (Math.log(rate / (1 - rate)) - l))));
    expect(predictionAssessmentSchema.parse(answer.assessment)).toMatchObject({
      id: `assessment:${id}:${testStartAtMs}`,
      contractId: id,
      event: 'KXRAIN-26DEC06',
      probability: expect.closeTo(pooled, 7),
      mid: 0.4,
      spread: 0.02,
      edge: expect.closeTo(pooled - 0.4, 7),
      noEdge: true,
      side: 'none',
      source: 'rules',
      inputs: { market: 0.4, baseRate: expect.closeTo(rate, 7), baseCount: 30 },
    });
    expect(answer.assessment.evidence).toContainEqual({ feature: 'base.count', value: 30 });
    expect(answer.assessment.evidence.map(({ feature }) => feature)).toContain('market.drift24h');
    expect(answer.assessment.reasoning).toContain('30 outcomes of its series');
  });

  it('behavior: with the market alone it is the market', async () => {
    const { assessment } = await assessed(desk().plop);
    expect(assessment).toMatchObject({ edge: 0, noEdge: true, side: 'none', inputs: { market: 0.4 } });
    expect(assessment.probability).toBeCloseTo(0.4, 7);
  });

  it('behavior: a history that fails is done without', async () => {
    const failing = () => Promise.reject(new Error('no disk'));
    const { plop } = desk({ history: { quotes: failing, resolved: failing, record: failing } });
    expect((await assessed(plop)).assessment.inputs).toEqual({ market: 0.4 });
  });

  it('behavior: comparable outcomes are read once for many contracts, and anew after ten minutes', async () => {
    const clock = testClock();
    let reads = 0;
    const history = new StaticPredictionHistory({ clock });
    const counted: PlopOptions['history'] = {
      quotes: (query) => history.quotes(query),
      record: (contract) => history.record(contract),
      resolved: async (query) => {
        reads += 1;
        return history.resolved(query);
      },
    };
    const plop = new Plop({ sources: [new ExampleSource('kalshi', [exampleContract()])], clock, history: counted });
    for (let i = 0; i < 20; i += 1) await assessed(plop);
    expect(reads).toBe(2);
    await clock.advanceBy(600_000);
    await assessed(plop);
    expect(reads).toBe(4);
  });

  it('error: what is decided, called off, closed, of no source, without a price or out of reach is refused', async () => {
    const code = async (contract = exampleContract(), prepare?: (source: ExampleSource) => void) => {
      const { plop, source } = desk({}, contract);
      prepare?.(source);
      const answer = await plop.assess(contract);
      return answer.outcome === 'refused' ? answer.refusal.code : answer.outcome;
    };
    expect(await code(exampleContract({ resolution: 'yes' }))).toBe('prediction.resolved');
    expect(await code(exampleContract({ resolution: 'void' }))).toBe('prediction.void');
    expect(await code(exampleContract({ open: false }))).toBe('prediction.closed');
    expect(await code(exampleContract({ closesAtMs: testStartAtMs }))).toBe('prediction.closed');
    expect(await code(exampleContract({ venue: 'polymarket' }))).toBe('prediction.venue');
    const empty = (source: ExampleSource) => source.books.set(id, { ...exampleBook(id), asks: [] });
    expect(await code(exampleContract(), empty)).toBe('prediction.no-quote');
    const down = (source: ExampleSource) => {
      source.down = new VenueError('venue.unreachable', 'kalshi did not answer');
    };
    expect(await code(exampleContract(), down)).toBe('prediction.unreachable');
    const { plop } = desk();
    expect(await plop.answer('hello')).toMatchObject({ outcome: 'refused', refusal: { code: 'prediction.reference' } });
    expect(await plop.answer('KXNONE-1')).toMatchObject({ refusal: { code: 'prediction.unknown' } });
  });

  it('error: what a source throws that is no error of ours goes no further', async () => {
    const { plop, source } = desk();
    source.down = new Error('Authorization: Bearer secret');
    expect(JSON.stringify(await plop.assess(exampleContract()))).not.toContain('secret');
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(plop.answer('KXRAIN-26DEC06-T1', { signal })).rejects.toThrow('stopped');
  });
});

describe('Plop with a model', () => {
  const withModel = (model: LanguageModel, options: Partial<PlopOptions> = {}) =>
    desk({ model, modelClock: new SystemClock(), modelTimeoutMs: 1_000, ...options });

  it('default: its probability is pooled, within the reach of what is unproven', async () => {
    const model = new ScriptedModel({ answer: () => good(0.9) });
    const { assessment, fellBack } = await assessed(withModel(model).plop);
    expect(fellBack).toBeUndefined();
    expect(assessment).toMatchObject({
      source: 'model',
      probability: 0.435,
      edge: 0.035,
      side: 'yes',
      noEdge: false,
      inputs: { market: 0.4, model: 0.9 },
      evidence: [{ feature: 'market.mid', value: 0.4 }],
    });
    expect(assessment.reasoning).toMatch(/^The mid of 0\.4 is too low.*edge of 3\.5 points for YES\.$/);
  });

  it('behavior: through a server that speaks OpenAI, with a repair', async () => {
    const server = new CompletionServer(['{"probability": 7}', JSON.stringify(good(0.5))]);
    endings.push(() => server.stop());
    const model = new OpenAiModel({ apiKey: 'local', model: 'm', baseURL: await server.start() });
    const { assessment } = await assessed(withModel(model, { modelTimeoutMs: 10_000 }).plop);
    expect(assessment).toMatchObject({ source: 'model', inputs: { model: 0.5 } });
    expect(server.requests).toHaveLength(2);
  });

  it('behavior: not asked where the rules alone are wanted', async () => {
    const model = new ScriptedModel({ answer: () => good() });
    const { plop, contract } = withModel(model);
    expect(await plop.assess(contract, { askModel: false })).toMatchObject({ assessment: { source: 'rules' } });
    expect(model.questions).toEqual([]);
  });

  it('behavior: news is for the model alone, and its publisher may be away', async () => {
    const model = new ScriptedModel({ answer: () => good() });
    const headline = { title: 'Rain is coming', publisher: 'The Times', publishedAtMs: testStartAtMs - 1 };
    const news: PredictionNews = { headlines: async () => [headline] };
    await assessed(withModel(model, { news }).plop);
    const away: PredictionNews = { headlines: () => Promise.reject(new VenueError('news.away', 'Away.')) };
    expect((await assessed(withModel(model, { news: away }).plop)).assessment.source).toBe('model');
    const [first, second] = model.questions.map(({ prompt }) => prompt);
    expect(first).toContain('The Times: Rain is coming');
    expect(second).not.toContain('headline');
  });

  it.each([
    ['an invented number in its words', { ...good(), reasoning: 'It traded at 0.77 before.' }, 'model.ungrounded'],
    ['an invented feature', { ...good(), evidence: [{ feature: 'poll.lead', value: 3 }] }, 'model.ungrounded'],
    [
      'another value of a feature',
      { ...good(), evidence: [{ feature: 'market.mid', value: 0.7 }] },
      'model.ungrounded',
    ],
    ['certainty', { ...good(), probability: 1 }, 'model.invalid-answer'],
    ['a price of its own', { price: 0.2 }, 'model.invalid-answer'],
    ['NaN', { ...good(), probability: Number.NaN }, 'model.invalid-answer'],
    ['no evidence', { ...good(), evidence: [] }, 'model.invalid-answer'],
    ['words in Arabic numerals', { ...good(), reasoning: 'السعر ٠٫٧٧' }, 'model.ungrounded'],
  ])('error: %s falls back to the rules', async (_, answer, code) => {
    const { assessment, fellBack } = await assessed(withModel(new ScriptedModel({ answer: () => answer })).plop);
    expect([assessment.source, assessment.probability.toFixed(6), fellBack?.code]).toEqual(['rules', '0.400000', code]);
  });

  it('error: one that hangs, throws or keeps failing leaves the rules, and other agents their model', async () => {
    const hanging = new ScriptedModel({ answer: () => new Promise(() => {}) });
    const late = await assessed(withModel(hanging, { modelTimeoutMs: 5 }).plop);
    expect([late.assessment.source, late.fellBack?.code]).toEqual(['rules', 'model.timeout']);
    const secret = new ScriptedModel({ answer: () => Promise.reject(new Error('Bearer secret')) });
    const thrown = await assessed(withModel(secret).plop);
    expect(thrown.fellBack?.code).toBe('model.unavailable');
    expect(JSON.stringify(thrown.fellBack)).not.toContain('secret');
    const failing = new ScriptedModel({
      answer: () => {
        throw new ModelError('model.unavailable', 'Down.');
      },
    });
    const { plop } = withModel(failing);
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 7; i += 1) codes.push((await assessed(plop)).fellBack?.code);
    expect(codes.slice(5)).toEqual(['model.circuit-open', 'model.circuit-open']);
  });
});
