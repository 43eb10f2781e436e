import { guidanceSchema, SimulatedClock, toUsd } from '@perpdesk/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScriptedModel, type ScriptedQuestion } from '../model/scripted-model.ts';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { exampleSignal } from '../testing/signal.ts';
import { type EntrySettings, Koda } from './agent.ts';

const atMs = startAtMs + 86_400_000;
const signal = exampleSignal({ createdAtMs: atMs, expiresAtMs: atMs + 900_000 });
const candles = exampleCandles({ minutes: 1_440, volume: () => 100 });
const quote = { instrumentId: 'BTC-PERP@hyperliquid', last: 60_000, mark: 60_000, bid: 59_990, ask: 60_010 } as const;
const { view } = exampleMarket(atMs, { candles, tickers: [{ ...quote, exchangeAtMs: atMs, receivedAtMs: atMs }] });
const settings: EntrySettings = { tier: 'advanced', entryPreference: 'ladder', aggression: 'balanced' };
const rules = new Koda({ marketView: view });

async function advise(
  answer: (question: ScriptedQuestion) => unknown,
  { of = signal, by = settings }: { readonly of?: typeof signal; readonly by?: EntrySettings } = {},
) {
  const asked: ScriptedQuestion[] = [];
  const model = new ScriptedModel({
    answer: (question) => {
      asked.push(question);
      return answer(question);
    },
  });
  const koda = new Koda({ marketView: view, thinking: { model, clock: new SimulatedClock() } });
  const fallbacks: string[] = [];
  const guidance = await koda.advise(of, by, atMs, { onFallback: ({ code }) => fallbacks.push(code) });
  return { guidance, fallbacks, asked };
}

describe('Koda with a model', () => {
  it('default: the model chooses among the computed entries and says why; the facts stay', async () => {
    const { guidance, fallbacks } = await advise(() => ({ choice: 2, notes: ['The spread is small.'] }));
    expect(fallbacks).toEqual([]);
    expect(guidance).toMatchObject({ style: 'market', source: 'model', legs: [{ type: 'market', fraction: '1' }] });
    expect(guidance.notes).toEqual([
      'The spread is small.',
      'Buy the whole size at the market.',
      'The stop stands at 59400; about 32.70 dollars are at risk, fees included.',
      expect.stringMatching(/^Expect to slip by up to 0\.\d{3} % of the price\.$/),
    ]);
  });

  it('behavior: the entry it does not choose otherwise is the very one of the rules', async () => {
    const { guidance } = await advise(() => ({ choice: 0, notes: ['A ladder suits it.', 'Patience pays.'] }));
    const { notes, source, ...ruled } = rules.guide(signal, settings, atMs);
    expect(guidance).toMatchObject(ruled);
    expect([source, guidance.source]).toEqual(['rules', 'model']);
    expect(guidance.notes.slice(2)).toEqual(notes.slice(1));
  });

  it('behavior: where the rules leave no choice, none is offered', async () => {
    const first = { ...signal, isFirstTrade: true };
    const { guidance, asked } = await advise(() => ({ choice: 0, notes: ['It is the first.'] }), { of: first });
    expect(asked[0]?.prompt.match(/"index"/g)).toHaveLength(1);
    expect(guidance).toMatchObject({ style: 'ladder', source: 'model' });
    const refused = await advise(() => ({ choice: 1, notes: ['Take it.'] }), { of: first });
    expect(refused).toMatchObject({
      fallbacks: ['model.invalid-answer'],
      guidance: { source: 'rules', style: 'ladder' },
    });
  });

  it('behavior: nothing of the account is asked with', async () => {
    const rich = { ...signal, notional: toUsd('4321.09'), riskAtStop: toUsd('87.65'), userId: 'user-77' };
    const { asked } = await advise(() => ({ choice: 0, notes: ['Well.'] }), { of: rich });
    for (const secret of ['4321', '87.65', 'user-77', '0.05,']) expect(asked[0]?.prompt).not.toContain(secret);
  });

  it.each<[string, unknown, string]>([
    ['an entry that was not offered', { choice: 9, notes: ['x'] }, 'model.invalid-answer'],
    ['a price of its own', { choice: 0, notes: ['Better wait for 58,123.'] }, 'model.ungrounded'],
    ['legs of its own', { choice: 0, notes: ['x'], legs: [] }, ''],
    ['no notes', { choice: 0, notes: [] }, 'model.invalid-answer'],
    ['a choice that is no index', { choice: 0.5, notes: ['x'] }, 'model.invalid-answer'],
  ])('error: for %s the rules answer, or it is left out', async (_, answer, code) => {
    const { guidance, fallbacks } = await advise(() => answer);
    expect(fallbacks).toEqual(code === '' ? [] : [code]);
    expect(guidance.legs).toEqual(rules.guide(signal, settings, atMs).legs);
    expect(guidanceSchema.safeParse(guidance).error).toBeUndefined();
  });

  it('error: a model that hangs is left behind in time', async () => {
    const clock = new SimulatedClock();
    const model = new ScriptedModel({ answer: () => new Promise(() => {}) });
    const koda = new Koda({ marketView: view, thinking: { model, clock, timeoutMs: 2_000 } });
    const codes: string[] = [];
    const asked = koda.advise(signal, settings, atMs, { onFallback: ({ code }) => codes.push(code) });
    await clock.advanceBy(2_000);
    expect(await asked).toEqual(rules.guide(signal, settings, atMs));
    expect(codes).toEqual(['model.timeout']);
  });

  it('behavior: whatever a model answers, the guidance is valid and one of the computed ones', async () => {
    const offered = ['sniper', 'ladder', 'market'].map(
      (entryPreference) =>
        rules.guide(signal, { ...settings, entryPreference: entryPreference as 'sniper' }, atMs).legs,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.anything(), fc.record({ choice: fc.anything(), notes: fc.array(fc.string({ maxLength: 400 })) })),
        async (answer) => {
          const { guidance } = await advise(() => answer);
          expect(guidanceSchema.safeParse(guidance).error).toBeUndefined();
          expect(offered).toContainEqual(guidance.legs);
        },
      ),
      { numRuns: 100 },
    );
  });
});
