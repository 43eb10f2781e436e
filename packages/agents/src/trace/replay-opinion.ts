import type { DecisionInputs, DomainEventMap, Opinion, SensingAgent } from '@perpdesk/core';
import { differencesBetween } from './difference.ts';
import { recordedAnswer } from './recorded-answer.ts';
import { type ReplayedStep, replayStep, type StepFindings } from './replay-findings.ts';
import { inputsOf, type ReplaySources } from './replay-sources.ts';

/** No deadline is missed in a replay: what was late then is recorded as a failure. */
const deadlineMs = 12_000;

/** An opinion from what it was made of. */
export async function replayOpinion(sources: ReplaySources, opinion: Opinion): Promise<ReplayedStep<Opinion>> {
  const { id, agent, market, instrumentId, atMs } = opinion;
  return replayStep(
    id,
    await inputsOf(sources, id),
    (result) => differencesBetween(opinion, result).length === 0,
    async (inputs, findings) => {
      const replayed = replayedAgent(sources, agent, inputs, findings);
      return replayed?.opine(
        { market, instrumentId, atMs, deadlineMs },
        { onInputs: (now) => findings.compare(inputs, now) },
      );
    },
  );
}

/** Why an agent had no opinion, from what it read. */
export async function replayAbstention(
  sources: ReplaySources,
  { agent, market, atMs, reason }: DomainEventMap['agent.abstained'],
): Promise<ReplayedStep<string>> {
  const subject = `opinion:${agent}:${market}:${atMs}`;
  return replayStep(
    `abstained:${agent}:${market}:${atMs}`,
    await inputsOf(sources, subject),
    (result) => result === reason,
    async (inputs, findings) => {
      let why: string | undefined;
      const opinion = await replayedAgent(sources, agent, inputs, findings)?.opine(
        // Nobody speaks of an instrument who has no opinion on it.
        { market, instrumentId: `${market}@none`, atMs, deadlineMs },
        {
          onInputs: (now) => findings.compare(inputs, now),
          onReport: (report) => {
            if (report.kind === 'abstained') why = report.reason;
          },
        },
      );
      return opinion === undefined ? why : 'an opinion';
    },
  );
}

/** An agent on what was recorded, or a note why there is none. */
export function replayedAgent(
  { agents, modelJournal }: ReplaySources,
  name: string,
  inputs: DecisionInputs,
  findings: StepFindings,
): Pick<SensingAgent, 'opine' | 'debate'> | undefined {
  const agent = agents.find((candidate) => candidate.name === name);
  if (agent?.replay === undefined) {
    findings.miss(agent === undefined ? `The agent ${name} was not given.` : `The agent ${name} can not be replayed.`);
    return undefined;
  }
  return agent.replay(
    inputs,
    recordedAnswer(inputs, modelJournal, (reason) => findings.miss(reason)),
  );
}
