import { type SensingAgent, SimulatedClock, type WarRoomMode } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { agent, closeAtMs, market, opinion, round, said, turnOf } from './scripted-panel.ts';
import { WarRoom } from './war-room.ts';

const agree = said(opinion('vanta', 'long', 0.75), opinion('luma', 'long', 0.7), opinion('meridian', 'long', 0.65));
const room = (agents: readonly SensingAgent[], mode: WarRoomMode = 'handoff', options: object = {}): WarRoom =>
  new WarRoom({ agents, mode, marketView: market(), wallClock: new SimulatedClock(), ...options });
const panel = [agent('vanta'), agent('luma'), agent('meridian')];

describe('WarRoom', () => {
  it.each(['handoff', 'graph'] as const)(
    'default: agreement in %s mode publishes a plan with the maths’ own confidence',
    async (mode) => {
      const outcome = await room(panel, mode).hold(round, agree);
      if (outcome.outcome !== 'published') throw new Error(outcome.reason);
      expect(outcome.consensus.confidence).toBeCloseTo(0.7075, 9);
      expect(outcome.recommendation).toMatchObject({
        id: `recommendation:${round.key}`,
        direction: 'long',
        // ATR is 100 a bar: a stop of 2 ATR, targets at 1.5 and 3 times the risk.
        entry: '60000',
        stopLoss: '59800',
        takeProfits: [
          { price: '60300', fraction: '0.5' },
          { price: '60600', fraction: '0.5' },
        ],
        createdAtMs: closeAtMs,
      });
      expect(outcome.turns.map((turn) => turn.agent)).toEqual(['vanta', 'luma', 'meridian']);
    },
  );

  it('behavior: both modes come to the same plan from the same words', async () => {
    const [handoff, graph] = await Promise.all(
      (['handoff', 'graph'] as const).map((mode) => room(panel, mode).hold(round, agree)),
    );
    expect(graph).toEqual(handoff);
  });

  it('behavior: in handoff mode each hears those before it, in graph mode nobody', async () => {
    for (const mode of ['handoff', 'graph'] as const) {
      const heard: number[] = [];
      const listening = panel.map(({ name }) =>
        agent(name, async ({ opinion: own, transcript }) => {
          heard.push(transcript.length);
          return turnOf(own, transcript.length);
        }),
      );
      await room(listening, mode).hold(round, agree);
      expect(heard).toEqual(mode === 'handoff' ? [0, 1, 2] : [0, 0, 0]);
    }
  });

  it('behavior: a hand-off is followed, the last word counts, and six turns are the end', async () => {
    const insisting = agent('luma', async ({ opinion: own, transcript }) =>
      turnOf(own, transcript.length, { handoff: { to: 'vanta', reason: 'your evidence contradicts mine' } }),
    );
    const wavering = agent('vanta', async ({ opinion: own, transcript }) =>
      turnOf(
        own,
        transcript.length,
        transcript.length === 0 ? {} : { confidence: 0.9, handoff: { to: 'luma', reason: 'say it again' } },
      ),
    );
    const outcome = await room([wavering, insisting, agent('meridian')]).hold(round, agree);
    expect(outcome.turns.map((turn) => turn.agent)).toEqual(['vanta', 'luma', 'vanta', 'luma', 'vanta', 'meridian']);
    expect(outcome.consensus?.votes.find((vote) => vote.agent === 'vanta')?.confidence).toBe(0.9);
  });

  it('behavior: an agent that throws or hangs is spoken for by its opinion, and the others are untouched', async () => {
    const wallClock = new SimulatedClock();
    const failures: string[] = [];
    const broken = agent('vanta', () => Promise.reject(new Error('no')));
    const hanging = agent('luma', () => new Promise(() => {}));
    const held = room([broken, hanging, agent('meridian')], 'handoff', { wallClock }).hold(round, agree, {
      onTurn: ({ failure }) => void failures.push(failure?.code ?? 'spoke'),
    });
    await wallClock.advanceBy(12_000);
    const outcome = await held;
    expect(failures).toEqual(['turn.failed', 'turn.timeout', 'spoke']);
    expect(outcome.consensus?.confidence).toBeCloseTo(0.7075, 9);
  });

  it('behavior: three that hang are over by the deadline of the round', async () => {
    const wallClock = new SimulatedClock();
    const hanging = panel.map(({ name }) => agent(name, () => new Promise(() => {})));
    const held = room(hanging, 'handoff', { wallClock }).hold(round, agree);
    await wallClock.advanceBy(30_000);
    expect((await held).turns).toHaveLength(3);
    expect(wallClock.nextTimerAtMs()).toBeUndefined();
  });

  it('behavior: stale opinions are penalised, older ones missing', async () => {
    const barMs = 900_000;
    const stale = said(
      opinion('vanta', 'long', 0.75),
      opinion('luma', 'long', 0.7, 3 * barMs),
      opinion('meridian', 'long', 0.65),
    );
    expect((await room(panel).hold(round, stale)).consensus).toMatchObject({ stale: ['luma'], missing: [] });
    const gone = said(
      opinion('vanta', 'long', 0.75),
      opinion('luma', 'long', 0.7, 5 * barMs),
      opinion('meridian', 'long', 0.65),
    );
    expect((await room(panel).hold(round, gone)).consensus).toMatchObject({ stale: [], missing: ['luma'] });
  });

  it.each([
    ['insufficient-history', { marketView: market({ bars: 63 }) }],
    ['stale-market-data', { marketView: market({ tickerAgeMs: 61_000 }) }],
  ] as const)('behavior: stands aside with %s', async (reason, options) => {
    expect(await room(panel, 'handoff', options).hold(round, agree)).toMatchObject({ outcome: 'stood-aside', reason });
  });

  it('behavior: stands aside without opinions', async () => {
    expect(await room(panel).hold(round, new Map())).toMatchObject({
      outcome: 'stood-aside',
      reason: 'too-few-agents',
      turns: [],
    });
  });
});
