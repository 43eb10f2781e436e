import { MemorySaver } from '@langchain/langgraph';
import {
  type LanguageModel,
  type Opinion,
  type SensingAgent,
  SimulatedClock,
  StoreError,
  type WarRoomMode,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { Riven } from '../riven/agent.ts';
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

  it('behavior: a hand-off that an agent asks for is followed, each is asked once, and the last word counts', async () => {
    const ask = (to: string) => ({ handoff: { to, kind: 'missing-evidence', reason: 'say it again' } as const });
    const insisting = agent('luma', async ({ opinion: own, transcript }) =>
      turnOf(own, transcript.length, ask('vanta')),
    );
    const wavering = agent('vanta', async ({ opinion: own, transcript }) =>
      turnOf(own, transcript.length, transcript.length === 0 ? ask('luma') : { confidence: 0.8, ...ask('luma') }),
    );
    const outcome = await room([wavering, insisting, agent('meridian')]).hold(round, agree);
    expect(outcome.turns.map(({ agent: name, handoff }) => [name, handoff?.to])).toEqual([
      ['vanta', 'luma'],
      ['luma', 'vanta'],
      ['vanta', undefined],
      ['meridian', undefined],
    ]);
    expect(outcome.consensus?.votes.find((vote) => vote.agent === 'vanta')?.confidence).toBe(0.8);
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

  it('behavior: Riven’s question has what is left of the round, on whatever clock Riven runs', async () => {
    const model: LanguageModel = { name: 'hanging', generate: () => new Promise(() => {}) };
    for (const own of [true, false]) {
      const wallClock = new SimulatedClock();
      // Two that hang take 24 s; Riven would take 12 s more, on a clock that stands still for ever.
      const riven = new Riven({ model, wallClock: own ? new SimulatedClock() : wallClock });
      const slow = panel.slice(0, 2).map(({ name }) => agent(name, () => new Promise(() => {})));
      let endedAtMs = Number.NaN;
      const held = room([...slow, agent('meridian')], 'handoff', { wallClock, riven })
        .hold(round, agree)
        .finally(() => {
          endedAtMs = wallClock.nowMs();
        });
      for (let second = 0; second < 40; second += 1) await wallClock.advanceBy(1_000);
      expect(await held).toMatchObject({
        outcome: 'published',
        recommendation: { reasonedBy: 'rules' },
        degraded: [
          { agent: 'vanta', code: 'turn.timeout' },
          { agent: 'luma', code: 'turn.timeout' },
          { agent: 'riven', code: 'model.timeout' },
        ],
      });
      expect(endedAtMs).toBe(30_000);
      expect(wallClock.nextTimerAtMs()).toBeUndefined();
    }
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

  it('behavior: given up, it asks nobody any more and rejects with the reason', async () => {
    const abort = new AbortController();
    const asked: string[] = [];
    const leaving = agent('vanta', () => {
      asked.push('vanta');
      abort.abort(new Error('The desk is closing.'));
      return new Promise(() => {});
    });
    const others = ['luma', 'meridian'].map((name) =>
      agent(name, async ({ opinion: own }) => {
        asked.push(name);
        return turnOf(own, 0);
      }),
    );
    for (const checkpointer of [undefined, new MemorySaver()]) {
      const told: string[] = [];
      const held = room([leaving, ...others], 'handoff', checkpointer === undefined ? {} : { checkpointer }).hold(
        round,
        agree,
        { signal: abort.signal, onTurn: ({ turn }) => void told.push(turn.agent) },
      );
      await expect(held).rejects.toThrow('The desk is closing.');
      expect(told).toEqual([]);
    }
    expect(asked).toEqual(['vanta']);
  });

  it.each(['handoff', 'graph'] as const)(
    'behavior: in %s mode a round whose checkpoints fail goes on without them, and nobody is asked twice',
    async (mode) => {
      for (const failing of ['getTuple', 'put', 'putWrites'] as const) {
        const checkpointer = new MemorySaver();
        checkpointer[failing] = (() => Promise.reject(new StoreError('database.unreachable', 'Gone.'))) as never;
        const asked: string[] = [];
        const told: number[] = [];
        const counted = panel.map(({ name }) =>
          agent(name, async ({ opinion: own, transcript }) => {
            asked.push(name);
            return turnOf(own, transcript.length);
          }),
        );
        const outcome = await room(counted, mode, { checkpointer }).hold(round, agree, {
          onTurn: ({ turn }) => void told.push(turn.index),
        });
        expect(outcome).toMatchObject({
          outcome: 'published',
          degraded: [{ agent: 'checkpoints', code: 'checkpoints.failed' }],
        });
        expect(asked).toEqual(['vanta', 'luma', 'meridian']);
        expect(told).toEqual([0, 1, 2]);
      }
    },
  );

  it('behavior: the same round held again goes on from what was kept, on the opinions it was begun on', async () => {
    const checkpointer = new MemorySaver();
    const first = await room(panel, 'handoff', { checkpointer }).hold(round, agree);
    const changed = said(opinion('vanta', 'short', 0.9), opinion('luma', 'short', 0.9));
    expect(await room(panel, 'handoff', { checkpointer }).hold(round, changed)).toEqual(first);
  });

  it.each([
    ['a number that is none', { confidence: Number.NaN }],
    ['more than it may be sure', { confidence: 1.2 }],
    ['a direction of its own', { direction: 'up' }],
    ['a level that is no price', { keyLevels: [{ kind: 'support', price: -1, strength: 1 }] }],
    ['nothing', undefined],
  ])('error: an agent that says %s is spoken for by its opinion', async (_, changes) => {
    const rubbish = agent('vanta', async ({ opinion: own }) =>
      changes === undefined ? (undefined as never) : { ...turnOf(own, 0), ...(changes as object) },
    );
    const outcome = await room([rubbish, ...panel.slice(1)], 'graph').hold(round, agree);
    expect(outcome.degraded).toEqual([{ agent: 'vanta', code: 'turn.invalid' }]);
    expect(outcome.consensus?.confidence).toBeCloseTo(0.7075, 9);
  });

  it('error: an agent that calls itself devil’s advocate has its word weighed all the same', async () => {
    const sly = agent('vanta', async ({ opinion: own }) => ({ ...turnOf(own, 0), role: 'devils-advocate' as const }));
    const outcome = await room([sly, ...panel.slice(1)]).hold(round, agree);
    expect(outcome.consensus?.votes.map((vote) => vote.agent)).toEqual(['vanta', 'luma', 'meridian']);
    expect(outcome.turns[0]).not.toHaveProperty('role');
  });

  it('default: a fourth agent joins with its weight, stale and missing like the others, and as devil’s advocate', async () => {
    const fourth = { ...agent('fourth'), weight: 0.5 };
    const table = [...panel, fourth];
    const hold = (own: Opinion) => room(table).hold(round, said(...agree.values(), own));
    // Weights 0.40, 0.35, 0.25 and 0.50 are of 1.5: 0.7075 and 0.5 · 0.7 over 1.5.
    const joined = await hold(opinion('fourth', 'long', 0.7));
    expect(joined.consensus?.confidence).toBeCloseTo((0.7075 + 0.5 * 0.7) / 1.5, 12);
    expect(joined.turns.map((turn) => turn.agent)).toEqual(['vanta', 'luma', 'meridian', 'fourth']);
    const barMs = 900_000;
    expect((await hold(opinion('fourth', 'long', 0.7, 3 * barMs))).consensus).toMatchObject({
      stale: ['fourth'],
      confidence: expect.closeTo(((0.7075 + 0.5 * 0.7) / 1.5) * 0.9, 12),
    });
    expect((await hold(opinion('fourth', 'long', 0.7, 5 * barMs))).consensus).toMatchObject({
      missing: ['fourth'],
      confidence: expect.closeTo(0.7075 * 0.85, 12),
    });
    // 0.7075 and 0.5 · 0.9 over 1.5 is 0.77, which is strong: whose score leans least speaks against.
    const unconvinced = await hold({
      ...opinion('fourth', 'long', 0.9),
      score: 25,
      details: { components: { a: 9, b: -4 } },
    });
    expect(unconvinced.turns.at(-1)).toMatchObject({ agent: 'fourth', role: 'devils-advocate', direction: 'short' });
    expect(unconvinced.turns.at(-1)?.evidence).toEqual([{ feature: 'fourth.b', value: -4 }]);
    // Opposed, it is asked by whom it opposes and counts against the plan.
    const opposed = await hold(opinion('fourth', 'short', 0.7));
    expect(opposed.turns.find((turn) => turn.agent === 'fourth')?.handoff).toMatchObject({
      kind: 'disagreement',
      to: 'vanta',
    });
    expect(opposed.consensus?.disagreement).toBeCloseTo(0.35 / (0.7075 + 0.35), 12);
  });
});
