import type { Opinion, SensingAgent, Turn, TurnRequest, WarRoomMode } from '@perpdesk/core';
import { SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { advocateTurn, caseAgainst, chooseAdvocate } from './devils-advocate.ts';
import { agent, market, opinion, round, said, turnOf } from './scripted-panel.ts';
import { WarRoom } from './war-room.ts';

const scored = (name: string, score: number, components?: Record<string, number>): Opinion => ({
  ...opinion(name, score >= 20 ? 'long' : score <= -20 ? 'short' : 'neutral', 0.8),
  score,
  details: components === undefined ? {} : { components },
});
const debater = (given: Opinion) => ({ agent: agent(given.agent), opinion: given });

describe('caseAgainst', () => {
  it('default: the share of computed evidence that speaks against, weighed, the weightiest first', () => {
    const found = caseAgainst('long', [
      { opinion: scored('vanta', 60, { trend: 25, structure: 25, momentum: 20, volume: -10 }), weight: 0.4 },
      { opinion: scored('luma', 55, { funding: -5, flow: 25 }), weight: 0.35 },
      { opinion: scored('meridian', -10), weight: 0.25 },
    ]);
    // 0.4 · (10/25)/4 + 0.35 · (5/25)/2 + 0.25 · 10/100 = 0.1 of 1, half of a fifth.
    expect(found.strength).toBeCloseTo(0.5, 12);
    expect(found.evidence).toEqual([
      { feature: 'vanta.volume', value: -10 },
      { feature: 'luma.funding', value: -5 },
      { feature: 'meridian.score', value: -10 },
    ]);
  });

  it('behavior: a short is challenged by what is bullish; nothing against is no case; more than a fifth is a full one', () => {
    const bullish = scored('vanta', 30, { trend: 20, structure: -25 });
    expect(caseAgainst('short', [{ opinion: bullish, weight: 1 }])).toEqual({
      strength: 1,
      evidence: [{ feature: 'vanta.trend', value: 20 }],
    });
    expect(caseAgainst('long', [{ opinion: scored('vanta', 80, { trend: 20, volume: 0 }), weight: 1 }])).toEqual({
      strength: 0,
      evidence: [],
    });
    expect(caseAgainst('long', [])).toEqual({ strength: 0, evidence: [] });
  });

  it('behavior: components beyond their bounds and such that are no numbers count for no more than they may', () => {
    const odd = { ...scored('vanta', 80), details: { components: { trend: -9_000, volume: 'much', flow: null } } };
    expect(caseAgainst('long', [{ opinion: odd, weight: 1 }])).toEqual({
      strength: 1,
      evidence: [{ feature: 'vanta.trend', value: -25 }],
    });
    const list = { ...scored('vanta', -40), details: { components: [1, 2] } };
    expect(caseAgainst('long', [{ opinion: list, weight: 1 }]).evidence).toEqual([
      { feature: 'vanta.score', value: -40 },
    ]);
  });
});

describe('chooseAdvocate', () => {
  it('default: whose own score leans least to the side', () => {
    const panel = [scored('vanta', 60), scored('luma', 40), scored('meridian', 70)].map(debater);
    expect(chooseAdvocate('long', panel)?.agent.name).toBe('luma');
    expect(chooseAdvocate('short', panel)?.agent.name).toBe('meridian');
    expect(chooseAdvocate('long', [])).toBeUndefined();
  });
});

describe('advocateTurn', () => {
  const last = turnOf(scored('luma', 70), 1, { confidence: 0.8 });
  const asked = (changes: Partial<Turn>) => ({ turn: turnOf(scored('luma', 70), 3, { confidence: 0.8, ...changes }) });

  it.each([
    ['keeps its view', {}, 0],
    ['is surer', { confidence: 0.95 }, 0],
    ['is less sure', { confidence: 0.6 }, 0.2],
    ['turns neutral', { direction: 'neutral' }, 0.8],
    ['changes sides', { direction: 'short', confidence: 0.9 }, 1],
  ] as const)('behavior: an agent that %s', (_, changes, strength) => {
    const turn = advocateTurn('long', { strength: 0, evidence: [] }, asked(changes), last);
    expect(turn.confidence).toBeCloseTo(strength, 12);
    expect(turn).toMatchObject({ role: 'devils-advocate', direction: strength > 0 ? 'short' : 'neutral', index: 3 });
  });

  it('behavior: who could not speak for itself doubts nothing; the computed case stands', () => {
    const found = { strength: 0.3, evidence: [{ feature: 'vanta.volume', value: -12.345 }] };
    const instead = advocateTurn('long', found, asked({ direction: 'short' }), { ...last, source: 'model' });
    expect(instead.confidence).toBe(0.3);
    const failed = { ...asked({ direction: 'short' }), failure: { code: 'turn.timeout', message: '' } };
    expect(advocateTurn('long', found, failed, last)).toMatchObject({
      confidence: 0.3,
      source: 'rules',
      reasoning: 'The strongest case against long: vanta.volume at -12.3.',
      evidence: found.evidence,
    });
  });
});

describe('the devil’s advocate in a round', () => {
  const strong = (name: string, weakest: number): Opinion => scored(name, 70, { trend: 25, flow: weakest });
  const hold = async (agents: readonly SensingAgent[], opinions: readonly Opinion[], mode: WarRoomMode) =>
    new WarRoom({ agents, mode, marketView: market(), wallClock: new SimulatedClock() }).hold(round, said(...opinions));
  const panel = ['vanta', 'luma', 'meridian'].map((name) => agent(name));

  it.each(['handoff', 'graph'] as const)(
    'default: in %s mode a strong consensus is argued against once and loses a bounded part',
    async (mode) => {
      const outcome = await hold(panel, [strong('vanta', 10), strong('luma', -10), strong('meridian', 10)], mode);
      // 0.35 · (10/25)/2 = 0.07 of 0.2: a case of 0.35, 3.5 % of 0.8.
      expect(outcome.consensus?.challenge).toEqual({ agent: 'vanta', strength: expect.closeTo(0.35, 12) });
      expect(outcome.consensus?.confidence).toBeCloseTo(0.8 * (1 - 0.035), 12);
      expect(outcome.turns.map(({ agent: name, role }) => [name, role])).toEqual([
        ['vanta', undefined],
        ['luma', undefined],
        ['meridian', undefined],
        ['vanta', 'devils-advocate'],
      ]);
      if (outcome.outcome !== 'published') throw new Error(outcome.reason);
      expect(outcome.recommendation.confidence).toBe(outcome.consensus.confidence);
      expect(outcome.recommendation.reasoning).toContain(
        "vanta (devil's advocate, 35 %): The strongest case against long: luma.flow at -10.",
      );
      expect(outcome.consensus.votes.map((vote) => vote.direction)).toEqual(['long', 'long', 'long']);
    },
  );

  it('behavior: it hears the debate and the side it is to argue against, and what it then says is no vote', async () => {
    const heard: TurnRequest[] = [];
    const turncoat = agent('vanta', async (request) => {
      heard.push(request);
      const { opinion: own, transcript } = request;
      return turnOf(own, transcript.length, request.advocateAgainst === undefined ? {} : { direction: 'short' });
    });
    const outcome = await hold(
      [turncoat, ...panel.slice(1)],
      panel.map(({ name }) => strong(name, 10)),
      'graph',
    );
    expect(heard.map(({ transcript, advocateAgainst }) => [transcript.length, advocateAgainst])).toEqual([
      [0, undefined],
      [3, 'long'],
    ]);
    expect(outcome.consensus).toMatchObject({ direction: 'long', challenge: { agent: 'vanta', strength: 1 } });
    // A tenth of 0.8 is more than may be taken: what is strong stays strong.
    expect(outcome.consensus?.confidence).toBe(0.75);
  });

  it('behavior: none where the consensus is not strong, somebody is against, or the turns are used up', async () => {
    const opinions = panel.map(({ name }) => strong(name, -25));
    const spoken = (outcome: Awaited<ReturnType<typeof hold>>) =>
      outcome.turns.filter(({ role }) => role !== undefined);
    const unsure = opinions.map((given) => ({ ...given, confidence: 0.74 }));
    expect(spoken(await hold(panel, unsure, 'handoff'))).toEqual([]);
    const against = [...opinions.slice(0, 2), { ...opinion('meridian', 'short', 0.1) }];
    expect(spoken(await hold(panel, against, 'graph'))).toEqual([]);
    const short = new WarRoom({
      ...{ agents: panel, marketView: market(), wallClock: new SimulatedClock() },
      limits: { maxTurns: 3 },
    });
    expect((await short.hold(round, said(...opinions))).consensus).not.toHaveProperty('challenge');
  });
});
