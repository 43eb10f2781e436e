import {
  type AgentReport,
  type Clock,
  type DecisionInputs,
  type ModelCallContext,
  type Opinion,
  PerpDeskError,
  type SensingAgent,
  type Turn,
  type TurnRequest,
  turnSchema,
} from '@perpdesk/core';
import { inAgentSpan } from '../trace/agent-span.ts';
import { within } from './within.ts';

/** What an agent says when it can not speak for itself: its opinion, as it stands. */
export function restate(opinion: Opinion, index: number): Turn {
  const { agent, direction, confidence, keyLevels, reasoning, evidence, source } = opinion;
  return { index, agent, direction, confidence, keyLevels, reasoning, evidence, source };
}

/** Why something did not work as meant. */
export interface TurnFailure {
  readonly code: string;
  readonly message: string;
}

/** A turn, and what went wrong with it, where something did. */
export interface Spoken {
  readonly turn: Turn;
  /** Why the agent did not take it itself: `turn.timeout`, `turn.failed`, `turn.invalid`, `turn.canceled`, or the agent's own code. */
  readonly failure?: TurnFailure;
  /** Why its model could not be used: its rules took the turn. */
  readonly fellBack?: TurnFailure;
}

/** How a turn is taken. */
export interface SpeakSetting {
  readonly wallClock: Clock;
  readonly allowedMs: number;
  /** The place the turn will have. Default: behind the transcript. */
  readonly index?: number;
  readonly signal?: AbortSignal | undefined;
  readonly context?: ModelCallContext;
  readonly onDraft?: ((text: string) => void) | undefined;
  readonly onInputs?: ((inputs: DecisionInputs) => void) | undefined;
}

/** What an agent may say of a turn: its place is the room's to give, and so is a role. */
const wordSchema = turnSchema.omit({ role: true });

/**
 * Lets an agent take its turn within `allowedMs` of `wallClock`; after that, or when it throws, answers what is no turn or the caller gives
 * up, its opinion speaks for it. Never rejects.
 */
export async function speak(agent: SensingAgent, request: TurnRequest, setting: SpeakSetting): Promise<Spoken> {
  const { wallClock, allowedMs, signal, context, onDraft, onInputs, index = request.transcript.length } = setting;
  const spokenFor = (code: string, message: string): Spoken => ({
    turn: restate(request.opinion, index),
    failure: { code, message: message.slice(0, 500) },
  });
  let fellBack: TurnFailure | undefined;
  const onReport = (report: AgentReport): void => {
    if (report.kind === 'fell-back') fellBack = { code: report.code, message: report.message };
  };
  try {
    const answer = await within({ clock: wallClock, allowedMs, outer: signal }, async (ends) =>
      inAgentSpan({ ...context, agent: agent.name, market: request.market }, () =>
        agent.debate(request, {
          signal: ends,
          onReport,
          ...(context === undefined ? {} : { context }),
          ...(onDraft === undefined ? {} : { onDraft: (text) => void (ends.aborted || onDraft(text)) }),
          ...(onInputs === undefined ? {} : { onInputs }),
        }),
      ),
    );
    if (answer.ended === 'canceled') return spokenFor('turn.canceled', 'The round was given up.');
    if (answer.ended === 'late')
      return spokenFor('turn.timeout', `${agent.name} did not answer in ${Math.max(0, allowedMs)} ms.`);
    const word = wordSchema.safeParse({ ...answer.value, agent: agent.name, index });
    if (!word.success) {
      const path = word.error.issues[0]?.path.join('.') ?? '';
      return spokenFor('turn.invalid', `The turn of ${agent.name} is not valid at "${path}".`);
    }
    return { turn: word.data, ...(fellBack === undefined ? {} : { fellBack }) };
  } catch (error) {
    const code = PerpDeskError.is(error) ? error.code : 'turn.failed';
    return spokenFor(code, error instanceof Error ? error.message : String(error));
  }
}
