import { type DecisionInputs, SimulatedClock, type Turn } from '@perpdesk/core';
import { sensingAgentContract } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { ScriptedModel } from '../model/scripted-model.ts';
import { exampleMarket, startAtMs } from '../testing/market.ts';
import { answerTo } from '../testing/model-answer.ts';
import { closeAtMs, market, opinion, round, agent as scripted } from '../war-room/scripted-panel.ts';
import { WarRoom } from '../war-room/war-room.ts';
import { FeatureAgent } from './feature-agent.ts';

const said: Turn = {
  ...{ index: 0, agent: 'vanta', direction: 'short', confidence: 0.7, keyLevels: [], evidence: [] },
  ...{ reasoning: 'I see the opposite.', source: 'rules' },
};
const { request } = exampleMarket(startAtMs);

/** An agent whose model is long, and wants what it is told to want. */
function drifter(asks: unknown, { handoffs = true, hasData = true } = {}) {
  const model = new ScriptedModel({ answer: ({ prompt }) => ({ ...answerTo(prompt, 20), asks }) });
  const agent = new FeatureAgent({
    ...{ name: 'drifter', weight: 0.3, timeframe: '1h', components: ['drift'], clock: new SimulatedClock() },
    read: () => (hasData ? { features: { 'drift.day': 0.5 } } : undefined),
    judge: () => ({ components: { drift: 20 } }),
    ...{ model, handoffs, prompt: { version: 1, text: 'You are Drifter.' } },
  });
  return { agent, model };
}

async function turnOf(asks: unknown, transcript: readonly Turn[] = [said], options?: { readonly handoffs: boolean }) {
  const { agent, model } = drifter(asks, options);
  const own = await agent.opine(request);
  if (own === undefined) throw new Error('drifter has data');
  const inputs: DecisionInputs[] = [];
  const asked = { ...request, opinion: own, transcript };
  const turn = await agent.debate(asked, { onInputs: (told) => inputs.push(told) });
  return { agent, asked, turn, inputs, model };
}

const ask = (kind: string, agent = 'vanta') => ({ agent, kind });

describe('a FeatureAgent with handoffs', () => {
  it.each<[string, unknown, Turn, string | undefined]>([
    ['to answer', ask('disagreement'), said, 'drifter reads the opposite of vanta and asks it to answer.'],
    ['who agrees', ask('disagreement'), { ...said, direction: 'long' }, undefined],
    ['who has not spoken', ask('disagreement', 'luma'), said, undefined],
    ['itself', ask('disagreement', 'drifter'), { ...said, agent: 'drifter' }, undefined],
    [
      'for evidence',
      ask('missing-evidence'),
      said,
      'vanta is short and names no evidence; drifter asks what that rests on.',
    ],
    [
      'for evidence that is there',
      ask('missing-evidence'),
      { ...said, evidence: [{ feature: 'trend', value: 1 }] },
      undefined,
    ],
    [
      'to look again',
      ask('extreme'),
      { ...said, direction: 'neutral' },
      'vanta saw nothing and is asked by drifter to look again.',
    ],
    ['who has looked', ask('extreme'), said, undefined],
    ['nobody', null, said, undefined],
  ])('behavior: asking %s is followed where the debate bears it out', async (_, wish, word, reason) => {
    const { turn } = await turnOf(wish, [word]);
    expect(turn.source).toBe('model');
    expect(turn.handoff).toEqual(
      reason === undefined ? undefined : { to: 'vanta', kind: (wish as { kind: string }).kind, reason },
    );
  });

  it('behavior: the last word of who is asked counts', async () => {
    const turned = [said, { ...said, index: 1, direction: 'long' as const }];
    expect((await turnOf(ask('disagreement'), turned)).turn.handoff).toBeUndefined();
  });

  it.each([['vanta'], [{ agent: 'vanta', kind: 'spite' }], [undefined]])(
    'error: %o is no answer: the rules take the turn and ask nobody',
    async (wish) => {
      const { turn } = await turnOf(wish);
      expect(turn.source).toBe('rules');
      expect(turn.handoff).toBeUndefined();
    },
  );

  it('default: without them a model is not told of any, and a wish is passed over', async () => {
    const { turn, model } = await turnOf(ask('disagreement'), [said], { handoffs: false });
    expect(turn.source).toBe('model');
    expect(turn.handoff).toBeUndefined();
    expect(model.questions.some(({ system }) => system.includes('asks:'))).toBe(false);
    const asking = await turnOf(null);
    expect(asking.model.questions.every(({ system }) => system.includes('asks: null, or'))).toBe(true);
  });

  it('behavior: what was asked for comes out of the record again', async () => {
    const { agent, asked, turn, inputs, model } = await turnOf(ask('disagreement'));
    expect(turn.handoff?.to).toBe('vanta');
    const [told] = inputs;
    if (told === undefined) throw new Error('nothing was recorded');
    expect(await agent.replay(told, model).debate(asked)).toEqual(turn);
  });

  it('behavior: the room follows it where its own rules ask nobody, once', async () => {
    const neutral = opinion('vanta', 'neutral', 0.7);
    async function speakers(asks: unknown): Promise<readonly string[]> {
      const { agent } = drifter(asks);
      const own = await agent.opine({ ...request, atMs: closeAtMs });
      if (own === undefined) throw new Error('drifter has data');
      const agents = [scripted('vanta'), agent];
      const room = new WarRoom({ agents, marketView: market(), wallClock: new SimulatedClock() });
      const { turns } = await room.hold(
        round,
        new Map([
          ['vanta', neutral],
          ['drifter', own],
        ]),
      );
      return turns.map(({ agent: name, handoff }) => `${name}${handoff === undefined ? '' : ` asks ${handoff.to}`}`);
    }
    expect(await speakers(null)).toEqual(['vanta', 'drifter']);
    expect(await speakers(ask('extreme'))).toEqual(['vanta', 'drifter asks vanta', 'vanta']);
  });

  for (const kind of ['disagreement', 'missing-evidence', 'extreme'])
    for (const contractCase of sensingAgentContract)
      it(`${contractCase.name} (asking for ${kind})`, () =>
        contractCase.run(() => ({
          agent: drifter(ask(kind, 'another')).agent,
          request,
          withoutData: drifter(ask(kind, 'another'), { hasData: false }).agent,
        })));
});
