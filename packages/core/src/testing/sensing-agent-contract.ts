import assert from 'node:assert/strict';
import { opinionSchema } from '../domain/opinion.ts';
import { type Turn, turnSchema } from '../domain/round.ts';
import { canonicalJson } from '../events/json.ts';
import type { AgentReport, OpinionRequest, SensingAgent } from '../ports/sensing-agent.ts';
import type { ContractCase } from './contract-case.ts';

/** An agent to judge. */
export interface SensingAgentHarness {
  /** With data it has an opinion on. */
  readonly agent: SensingAgent;
  /** What it is asked. */
  readonly request: OpinionRequest;
  /** The same agent with none of its data. */
  readonly withoutData: SensingAgent;
}

/** Makes a harness; two made alike answer alike. */
export type MakeSensingAgent = () => SensingAgentHarness | Promise<SensingAgentHarness>;

async function opinionOf({ agent, request }: SensingAgentHarness) {
  const opinion = await agent.opine(request);
  assert.ok(opinion !== undefined, 'an agent with data has an opinion');
  return opinion;
}

const opposing = (agent: string, index: number, direction: Turn['direction']): Turn => ({
  index,
  agent,
  direction,
  confidence: 0.9,
  keyLevels: [],
  reasoning: 'I see the opposite.',
  evidence: [],
  source: 'rules',
});

/** What every SensingAgent keeps to. */
export const sensingAgentContract: readonly ContractCase<MakeSensingAgent>[] = [
  {
    name: 'default: gives a valid opinion in its own name on what it was asked',
    run: async (make) => {
      const harness = await make();
      const { agent, request } = harness;
      const opinion = await opinionOf(harness);
      assert.equal(opinionSchema.safeParse(opinion).error, undefined);
      assert.deepEqual(
        [opinion.id, opinion.agent, opinion.market, opinion.instrumentId, opinion.atMs, opinion.refreshMs],
        [
          `opinion:${agent.name}:${request.market}:${request.atMs}`,
          agent.name,
          request.market,
          request.instrumentId,
          request.atMs,
          agent.refreshMs,
        ],
      );
      canonicalJson(opinion);
    },
  },
  {
    name: 'behavior: the same question on the same data has the same answer',
    run: async (make) => {
      const [first, second] = [await make(), await make()];
      const opinions = [await opinionOf(first), await opinionOf(first), await opinionOf(second)].map(canonicalJson);
      assert.equal(new Set(opinions).size, 1);
    },
  },
  {
    name: 'behavior: without any of its data it has no opinion, and does not throw',
    run: async (make) => {
      const { withoutData, request } = await make();
      const reports: AgentReport[] = [];
      const opinion = await withoutData.opine(request, { onReport: (report) => reports.push(report) });
      assert.equal(opinion, undefined);
      for (const report of reports) assert.equal(report.kind, 'abstained');
    },
  },
  {
    name: 'behavior: takes its turn in a debate, in its own name and at its place',
    run: async (make) => {
      const harness = await make();
      const { agent, request } = harness;
      const opinion = await opinionOf(harness);
      const turn = await agent.debate({ ...request, opinion, transcript: [] });
      assert.equal(turnSchema.safeParse(turn).error, undefined);
      assert.deepEqual([turn.agent, turn.index], [agent.name, 0]);
      assert.equal(turn.handoff, undefined, 'nobody else has spoken');
    },
  },
  {
    name: 'behavior: against an opponent it keeps to valid turns and hands off to nobody but those present',
    run: async (make) => {
      const harness = await make();
      const { agent, request } = harness;
      const opinion = await opinionOf(harness);
      for (const direction of ['long', 'short', 'neutral'] as const) {
        const transcript = [opposing('another', 0, direction)];
        const turn = await agent.debate({ ...request, opinion, transcript });
        assert.equal(turnSchema.safeParse(turn).error, undefined);
        assert.equal(turn.index, 1);
        if (turn.handoff !== undefined) assert.equal(turn.handoff.to, 'another');
      }
    },
  },
  {
    name: 'behavior: whom it asks to speak again is asked for what is so in the debate',
    run: async (make) => {
      const harness = await make();
      const { agent, request } = harness;
      const opinion = await opinionOf(harness);
      for (const direction of ['long', 'short', 'neutral'] as const) {
        for (const evidence of [[], [{ feature: 'trend', value: 1 }]]) {
          const word = { ...opposing('another', 0, direction), evidence };
          const turn = await agent.debate({ ...request, opinion, transcript: [word] });
          const isSo = {
            disagreement: turn.direction !== 'neutral' && direction !== 'neutral' && direction !== turn.direction,
            'missing-evidence': direction !== 'neutral' && evidence.length === 0,
            extreme: turn.direction !== 'neutral' && direction === 'neutral',
          };
          if (turn.handoff !== undefined)
            assert.ok(isSo[turn.handoff.kind], `${turn.handoff.kind} against a ${direction} word`);
        }
      }
    },
  },
  {
    name: 'behavior: in a debate without its data it still speaks',
    run: async (make) => {
      const harness = await make();
      const opinion = await opinionOf(harness);
      const turn = await harness.withoutData.debate({ ...harness.request, opinion, transcript: [] });
      assert.equal(turn.direction, opinion.direction);
    },
  },
  {
    name: 'behavior: a caller who has given up is answered all the same',
    run: async (make) => {
      const { agent, request } = await make();
      const opinion = await agent.opine(request, { signal: AbortSignal.abort() });
      assert.ok(opinion !== undefined);
    },
  },
];
