import { MemorySaver } from '@langchain/langgraph';
import type { Turn } from '@perpdesk/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DebateRequest } from './debate.ts';
import { createHandoffGraph } from './handoff-graph.ts';
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
function debate(panel: readonly Script[], key: string, challenged: boolean) {
  const told: Spoken[] = [];
  const heard: number[] = [];
  const request: DebateRequest = {
    round: { ...round, key, mode: 'graph' },
    maxTurns: 6,
    debaters: panel.map(({ name, direction, confidence }) => ({
      agent: agent(name),
      opinion: opinion(name, direction, confidence),
    })),
    speak: async ({ agent: { name }, opinion: own }, transcript, { index }) => {
      const { thinks = 0, fails } = panel.find((each) => each.name === name) ?? {};
      for (let turn = 0; turn < thinks; turn += 1) await Promise.resolve();
      heard.push(transcript.length);
      return fails
        ? { turn: restate(own, index), failure: { code: 'turn.failed', message: 'no' } }
        : { turn: turnOf(own, index) };
    },
    onTurn: async (spoken) => {
      told.push(spoken);
      return spoken;
    },
    advocate: async (spoken) => {
      const [first] = spoken;
      if (!challenged || first === undefined || spoken.length >= 6) return undefined;
      heard.push(spoken.length);
      const turn = { ...first.turn, index: spoken.length, role: 'devils-advocate' } as const;
      told.push({ turn });
      return { turn };
    },
  };
  return { request, told, heard };
}

const create = { handoff: createHandoffGraph, graph: createParallelGraph } as const;

describe.each(['handoff', 'graph'] as const)('a debate in %s mode', (mode) => {
  it('behavior: taken directly or as a checkpointed LangGraph graph, it is the same', async () => {
    const checkpointer = new MemorySaver();
    const [direct, graph] = await Promise.all([create[mode](), create[mode]({ checkpointer })]);
    let rounds = 0;
    let handoffs = 0;
    await fc.assert(
      fc.asyncProperty(scripts, fc.boolean(), async (panel, challenged) => {
        const key = `round:${rounds++}`;
        const [one, other] = [debate(panel, key, challenged), debate(panel, key, challenged)];
        const spoken = await (await direct.begin(key)).hold(one.request);
        expect(await (await graph.begin(key)).hold(other.request)).toEqual(spoken);
        expect(other.told).toEqual(one.told);
        expect(other.heard).toEqual(one.heard);
        expect(one.told).toEqual(spoken);
        expect(spoken.map(({ turn }) => turn.index)).toEqual(spoken.map((_, index) => index));
        handoffs += spoken.filter(({ turn }) => turn.handoff !== undefined).length;
        if (mode === 'graph') expect(one.heard.slice(0, panel.length).every((length) => length === 0)).toBe(true);
        const kept = await checkpointer.getTuple({ configurable: { thread_id: `round:${mode}:${key}` } });
        expect(kept?.checkpoint.channel_values.spoken ?? []).toEqual(panel.length === 0 ? [] : spoken);
      }),
      { numRuns: 60 },
    );
    expect(handoffs > 0).toBe(mode === 'handoff');
  });
});
