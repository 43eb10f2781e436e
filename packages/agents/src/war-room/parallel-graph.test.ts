import { MemorySaver } from '@langchain/langgraph';
import type { Turn } from '@perpdesk/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DebateRequest } from './debate.ts';
import { createParallelGraph } from './parallel-graph.ts';
import { agent, opinion, round, turnOf } from './scripted-panel.ts';
import { restate, type Spoken } from './speak.ts';

interface Script {
  readonly name: string;
  readonly direction: Turn['direction'];
  readonly confidence: number;
  readonly fails: boolean;
  /** How many turns of the microtask queue it thinks. */
  readonly thinks: number;
}

const script = fc.record({
  name: fc.string({ minLength: 1, maxLength: 8 }),
  direction: fc.constantFrom('long', 'short', 'neutral'),
  confidence: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  fails: fc.boolean(),
  thinks: fc.nat({ max: 5 }),
});
const scripts = fc.uniqueArray(script, { selector: ({ name }) => name, maxLength: 6 });

/** A debate in which each says what its script has, after as long as it thinks. */
function debate(panel: readonly Script[], key: string) {
  const told: Spoken[] = [];
  const heard: number[] = [];
  const request: DebateRequest = {
    round: { ...round, key, mode: 'graph' },
    maxTurns: 6,
    debaters: panel.map(({ name, direction, confidence }) => ({
      agent: agent(name),
      opinion: opinion(name, direction, confidence),
    })),
    speak: async ({ agent: { name }, opinion: own }, transcript) => {
      const { thinks = 0, fails } = panel.find((each) => each.name === name) ?? {};
      for (let turn = 0; turn < thinks; turn += 1) await Promise.resolve();
      heard.push(transcript.length);
      return fails
        ? { turn: restate(own, transcript.length), failure: { code: 'turn.failed', message: 'no' } }
        : { turn: turnOf(own, transcript.length) };
    },
    onTurn: async (spoken) => void told.push(spoken),
  };
  return { request, told, heard };
}

describe('createParallelGraph', () => {
  it('behavior: taken directly or as a checkpointed LangGraph fan-out, a debate is the same', async () => {
    const checkpointer = new MemorySaver();
    const [direct, graph] = await Promise.all([createParallelGraph(), createParallelGraph({ checkpointer })]);
    let rounds = 0;
    await fc.assert(
      fc.asyncProperty(scripts, async (panel) => {
        const key = `round:${rounds++}`;
        const [one, other] = [debate(panel, key), debate(panel, key)];
        const turns = await direct.hold(one.request);
        expect(turns.map(({ agent: name, index }) => [name, index])).toEqual(
          panel.map(({ name }, index) => [name, index]),
        );
        expect(await graph.hold(other.request)).toEqual(turns);
        expect(other.told).toEqual(one.told);
        expect(one.told.map(({ turn }) => turn)).toEqual(turns);
        expect([...one.heard, ...other.heard].every((length) => length === 0)).toBe(true);
        const kept = await checkpointer.getTuple({ configurable: { thread_id: key } });
        expect(kept?.checkpoint.channel_values.turns ?? []).toEqual(turns);
      }),
      { numRuns: 40 },
    );
  });
});
