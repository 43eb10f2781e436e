import { MemorySaver } from '@langchain/langgraph';
import {
  type Direction,
  type LanguageModel,
  ModelError,
  type SensingAgent,
  SimulatedClock,
  type WarRoomMode,
} from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Riven } from '../riven/agent.ts';
import { agent, market, opinion, round, said, turnOf } from './scripted-panel.ts';
import { WarRoom } from './war-room.ts';

/** How an agent, or Riven's model, behaves when it is asked. */
const conduct = fc.oneof(
  fc.record({ kind: fc.constantFrom('answers', 'hangs', 'throws', 'throws-at-once', 'rubbish', 'deaf') }),
  fc.record({ kind: fc.constantFrom('slow', 'throws-late'), afterMs: fc.integer({ min: 1, max: 40_000 }) }),
);
type Conduct = typeof conduct extends fc.Arbitrary<infer Value> ? Value : never;

/** Behaves so; whatever it does comes by the clock. */
function behave<Value>(
  clock: SimulatedClock,
  how: Conduct,
  value: Value,
  rubbish: Value,
  signal?: AbortSignal,
): Promise<Value> {
  const after = 'afterMs' in how ? how.afterMs : 0;
  switch (how.kind) {
    case 'answers':
      return Promise.resolve(value);
    case 'rubbish':
      return Promise.resolve(rubbish);
    case 'throws':
      return Promise.reject(new ModelError('model.refused', 'No.'));
    case 'throws-at-once':
      throw new Error('Broken.');
    case 'slow':
      return new Promise((resolve) => clock.setTimer(after, () => resolve(value)));
    case 'throws-late':
      return new Promise((_, reject) => clock.setTimer(after, () => reject(new Error('Too late.'))));
    case 'deaf':
      return new Promise(() => {});
    default:
      // Hangs until it is told to stop, and then throws.
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('Stopped.'))));
  }
}

const word = fc.record({
  how: conduct,
  direction: fc.constantFrom<Direction>('long', 'long', 'short', 'neutral'),
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
});
const names = ['vanta', 'luma', 'meridian', 'fourth'];

describe('the deadline of a round', () => {
  it.each([
    ['handoff', false],
    ['handoff', true],
    ['graph', false],
    ['graph', true],
  ] as const)(
    'behavior: in %s mode (checkpoints: %s) it is kept whatever agents and Riven’s model do, with a valid end',
    async (mode: WarRoomMode, kept: boolean) => {
      let rounds = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(word, { minLength: 0, maxLength: 4 }), conduct, async (words, riven) => {
          const clock = new SimulatedClock();
          const agents = words.map(
            ({ how, direction }, index): SensingAgent =>
              agent(names[index] ?? '', ({ opinion: own, transcript }, options) => {
                const rubbish = { ...turnOf(own, 0), confidence: Number.NaN, direction: 'up' as 'long' };
                return behave(clock, how, turnOf(own, transcript.length, { direction }), rubbish, options?.signal);
              }),
          );
          const model: LanguageModel = {
            name: 'hostile',
            generate: (_, options) =>
              behave(
                clock,
                riven,
                {
                  value: { reasoning: 'It stands.', keepTargets: [0] },
                  model: 'hostile',
                  usage: { inputTokens: 1, outputTokens: 1 },
                  attempts: 1 as const,
                },
                { value: 'buy', model: '', usage: { inputTokens: 0, outputTokens: 0 }, attempts: 1 as const },
                options?.signal,
              ) as never,
          };
          const room = new WarRoom({
            ...{ agents, mode, marketView: market(), wallClock: clock },
            riven: new Riven({ model, wallClock: clock }),
            ...(kept ? { checkpointer: new MemorySaver() } : {}),
          });
          const opinions = words.map(({ direction, confidence }, index) =>
            opinion(names[index] ?? '', direction, confidence),
          );
          let endedAtMs: number | undefined;
          const held = room
            .hold({ ...round, key: `${round.key}:${rounds++}` }, said(...opinions))
            .finally(() => (endedAtMs = clock.nowMs()));
          held.catch(() => undefined);
          for (let step = 0; step < 30 && endedAtMs === undefined; step += 1) await clock.advanceBy(1_000);
          expect(endedAtMs).toBeLessThanOrEqual(30_000);
          const outcome = await held;
          expect(outcome.turns.length).toBeLessThanOrEqual(6);
          expect(new Set(outcome.turns.map((turn) => turn.agent))).toEqual(
            new Set(opinions.map((given) => given.agent)),
          );
          for (const turn of outcome.turns) expect(turn.confidence).toBeLessThanOrEqual(1);
          expect(Number.isFinite(outcome.consensus?.confidence ?? 0)).toBe(true);
          const fine = ['answers', 'slow'];
          const broken = words.filter(({ how }) => !fine.includes(how.kind)).length;
          const told = new Set(outcome.degraded.map((each) => each.agent));
          expect([...told].filter((name) => name !== 'riven').length).toBeGreaterThanOrEqual(broken);
          if (outcome.outcome === 'published' && !fine.includes(riven.kind)) expect(told.has('riven')).toBe(true);
          // Whatever comes later disturbs nobody.
          await clock.advanceBy(60_000);
          expect(clock.nextTimerAtMs()).toBeUndefined();
        }),
        { numRuns: 40 },
      );
    },
    60_000,
  );
});
