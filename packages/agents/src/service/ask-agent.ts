import {
  type AgentCallOptions,
  type AgentReport,
  type Clock,
  isOpinion,
  type Opinion,
  type OpinionRequest,
  opinionSchema,
  PerpDeskError,
  type SensingAgent,
} from '@perpdesk/core';

/** What came of asking an agent. */
export type AgentAnswer =
  | { readonly outcome: 'opinion'; readonly opinion: Opinion; readonly fellBack?: AgentFailure }
  | { readonly outcome: 'abstained'; readonly reason: string; readonly fellBack?: AgentFailure }
  | { readonly outcome: 'failed'; readonly failure: AgentFailure };

/** Why an agent (or its model) could not be used. */
export interface AgentFailure {
  readonly code: string;
  readonly message: string;
}

/** How long an agent that was told to stop may take to fall back to its rules. */
const graceMs = 1_000;

/**
 * Asks an agent for its opinion. Whatever it does (throw, hang, answer rubbish, answer for another) becomes an outcome: this never
 * rejects. At the request's deadline its signal is aborted, a second later it is given up.
 */
export async function askAgent(
  agent: SensingAgent,
  request: OpinionRequest,
  clock: Clock,
  told: Pick<AgentCallOptions, 'context' | 'onInputs'> = {},
): Promise<AgentAnswer> {
  const abort = new AbortController();
  let fellBack: AgentFailure | undefined;
  let reason = 'no-data';
  const onReport = (report: AgentReport): void => {
    if (report.kind === 'abstained') ({ reason } = report);
    else fellBack = { code: report.code, message: report.message };
  };
  const late = Promise.withResolvers<typeof timedOut>();
  const timers = [
    clock.setTimer(request.deadlineMs, () => abort.abort()),
    clock.setTimer(request.deadlineMs + graceMs, () => late.resolve(timedOut)),
  ];
  try {
    const asked = Promise.resolve(agent.opine(request, { ...told, signal: abort.signal, onReport }));
    const answer = await Promise.race([asked, late.promise]);
    if (answer === timedOut) return failed('agent.timeout', `${agent.name} gave no opinion by its deadline.`);
    const note = fellBack === undefined ? {} : { fellBack };
    if (answer === undefined) return { outcome: 'abstained', reason, ...note };
    const problem = problemOf(answer, agent, request);
    return problem === undefined
      ? { outcome: 'opinion', opinion: answer, ...note }
      : failed('agent.invalid-opinion', problem);
  } catch (error) {
    const code = PerpDeskError.is(error) ? error.code : 'agent.threw';
    return failed(code, error instanceof Error ? error.message : `${agent.name} threw something that is no error.`);
  } finally {
    for (const cancel of timers) cancel();
  }
}

const timedOut = Symbol('timed out');

const failed = (code: string, message: string): AgentAnswer => ({
  outcome: 'failed',
  failure: { code, message: message.slice(0, 500) },
});

function problemOf(opinion: Opinion, agent: SensingAgent, { market, atMs }: OpinionRequest): string | undefined {
  if (!isOpinion(opinion)) {
    const path = opinionSchema.safeParse(opinion).error?.issues[0]?.path.join('.') ?? '';
    return `The opinion of ${agent.name} is not valid at "${path}".`;
  }
  if (opinion.agent !== agent.name || opinion.market !== market || opinion.atMs !== atMs) {
    return `${agent.name} answered for ${opinion.agent}, ${opinion.market} at ${opinion.atMs}.`;
  }
  return undefined;
}
