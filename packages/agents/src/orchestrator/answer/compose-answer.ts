import {
  type ChatMessage,
  type Citation,
  type Clock,
  type LanguageModel,
  type ModelCallContext,
  type OpinionSource,
  PerpDeskError,
  type ProposedAction,
  type SharedDeskState,
  type UserDeskState,
} from '@perpdesk/core';
import type { Redactor } from '@perpdesk/core/security';
import { maskCredentials } from '../../model/journal/mask-credentials.ts';
import { within } from '../../war-room/within.ts';
import { describeAction } from '../proposal/describe-action.ts';
import type { ChatRoute } from '../route/chat-route.ts';
import { draftAction, lookAlikeText } from './draft-action.ts';
import type { Fact } from './fact.ts';
import { gatherFacts, ownIntents } from './gather-facts.ts';
import { onlyOwn } from './own-facts.ts';
import type { PlopDesk } from './plop-desk.ts';
import { refusalTexts } from './refusal-texts.ts';
import { capped, helpText, templateText, unknownText } from './template.ts';
import { wordAnswer } from './word-answer.ts';

/** What an answer is composed from. */
export interface AnswerRequest {
  readonly question: string;
  readonly route: ChatRoute;
  readonly shared: SharedDeskState;
  /** The state of the one who asks, and of nobody else. */
  readonly mine: UserDeskState;
  /** The conversation so far, oldest first. */
  readonly history?: readonly Pick<ChatMessage, 'role' | 'text'>[];
  /** Words answers from shared facts. Default: templates alone. */
  readonly model?: LanguageModel;
  readonly plop?: PlopDesk;
  /** The desk's clock: how old things are is reckoned by it. */
  readonly clock: Clock;
  /** What the time of models and of Plop is measured with: the machine's. Default: `clock`. */
  readonly wallClock?: Clock;
  /** The most that Plop and the model may take together, ms. Default 20,000. */
  readonly timeoutMs?: number;
  readonly context?: ModelCallContext;
  /** Knows the desk's secrets. What looks like a credential is masked without it too. */
  readonly redactor?: Pick<Redactor, 'mask'>;
  /** Called with the answer so far, whole; each call replaces what was shown before. Only what was checked is shown. */
  readonly onText?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** An answer to a user. */
export interface ComposedAnswer {
  /** At most as long as a message may be. */
  readonly text: string;
  /** Who speaks. */
  readonly agents: readonly string[];
  readonly citations: readonly Citation[];
  /** Who worded it; actions, refusals and a user's own things are always worded by rules. */
  readonly source: OpinionSource;
  /** What may be proposed to the user. Nothing has been done. */
  readonly draft?: ProposedAction;
}

/**
 * Answers a question from the desk's state: every number in the answer is from it, and the answer cites what it rests on. Without a model, and where a
 * model says more than it was given, in words of ours. It acts on nothing. Rejects only when aborted.
 */
export async function composeAnswer(request: AnswerRequest): Promise<ComposedAnswer> {
  const { redactor, onText } = request;
  const answer = await compose(request);
  // Known secrets go out of whatever is said; what only looks like one went out of what others wrote.
  const text = capped(redactor?.mask(answer.text) ?? answer.text);
  show(onText, text);
  return { ...answer, text };
}

async function compose(request: AnswerRequest): Promise<ComposedAnswer> {
  const { route, shared } = request;
  const said = (text: string): ComposedAnswer => ({ text, agents: ['orchestrator'], citations: [], source: 'rules' });
  if (route.refusal !== undefined || route.intent === 'refuse') return said(refusalTexts[route.refusal ?? 'prompt']);
  if (route.intent === 'act') return draft(request);
  if (route.lookAlikes !== undefined && route.lookAlikes.length > 0) return said(lookAlikeText(route.lookAlikes));
  if (route.intent === 'help') return said(helpText);
  if (route.intent === 'unknown') return said(unknownText);
  request.signal?.throwIfAborted();
  const deadline = deadlineOf(request);
  const facts = await factsInTime(request, deadline);
  return (
    (await worded(request, facts, deadline)) ?? fromFacts(templateText(route, facts, shared.markets()), facts, 'rules')
  );
}

/** How much of the whole time is left. */
const deadlineOf = ({ wallClock, clock, timeoutMs = 20_000 }: AnswerRequest): (() => number) => {
  const time = wallClock ?? clock;
  const endMs = time.nowMs() + timeoutMs;
  return () => endMs - time.nowMs();
};

async function factsInTime(request: AnswerRequest, left: () => number): Promise<readonly Fact[]> {
  const { route, clock, wallClock = clock, signal } = request;
  const sources = { ...request, nowMs: clock.nowMs() };
  // Nothing but Plop is waited for.
  if (route.intent !== 'prediction') return gatherFacts(route, sources);
  const gathered = await within({ clock: wallClock, allowedMs: left(), outer: signal }, (inTime) =>
    gatherFacts(route, sources, inTime),
  );
  signal?.throwIfAborted();
  if (gathered.ended === 'done') return gathered.value;
  return [{ id: 'f1', agent: 'plop', text: 'Plop did not answer in time. Ask again in a moment.', citations: [] }];
}

/** With less than this the template answers at once. */
const leastTimeMs = 500;

async function worded(
  request: AnswerRequest,
  facts: readonly Fact[],
  left: () => number,
): Promise<ComposedAnswer | undefined> {
  const { question, route, shared, model, clock, wallClock = clock, context = {}, onText, redactor, signal } = request;
  const mask = (text: string): string => maskCredentials(redactor?.mask(text) ?? text);
  const isCited = facts.some(({ citations }) => citations.length > 0);
  if (model === undefined || ownIntents.has(route.intent) || !isCited || left() < leastTimeMs) return undefined;
  try {
    const earlier = (request.history ?? []).filter(({ role }) => role === 'user').map(({ text }) => mask(text));
    const shown = facts.map((fact) => ({ ...fact, ...(fact.quote === undefined ? {} : { quote: mask(fact.quote) }) }));
    const wording = await wordAnswer(
      { question: mask(question), earlier, facts: shown },
      {
        model,
        clock: wallClock,
        timeoutMs: left(),
        markets: shared.markets(),
        context,
        mask,
        ...(onText === undefined ? {} : { onText: (text) => show(onText, text) }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    // How old things are is said whatever the model left out.
    const caveats = new Set(wording.facts.flatMap(({ caveat }) => caveat ?? []));
    return fromFacts([wording.text, ...caveats].join(' '), wording.facts, 'model');
  } catch (error) {
    signal?.throwIfAborted();
    if (PerpDeskError.is(error)) return undefined;
    throw error;
  }
}

function draft({ route, shared, mine }: AnswerRequest): ComposedAnswer {
  const drafted = draftAction(route, { shared, mine: onlyOwn(mine) });
  const base = { agents: ['orchestrator'], citations: drafted.citations, source: 'rules' } as const;
  if (drafted.outcome === 'ask') return { ...base, text: drafted.text };
  return {
    ...base,
    text: `Drafted for you: ${describeAction(drafted.action)} Nothing is done before you approve the proposal itself; it is judged like any other then.`,
    draft: drafted.action,
  };
}

function fromFacts(text: string, facts: readonly Fact[], source: OpinionSource): ComposedAnswer {
  const citations = new Map(
    facts.flatMap((fact) => fact.citations).map((citation) => [`${citation.kind} ${citation.id}`, citation]),
  );
  const agents = [...new Set(facts.map(({ agent }) => agent))];
  return { text, agents: agents.length === 0 ? ['orchestrator'] : agents, citations: [...citations.values()], source };
}

/** A spectator takes no answer down. */
function show(onText: ((text: string) => void) | undefined, text: string): void {
  try {
    onText?.(text);
  } catch {
    // What watches is not the answer's concern.
  }
}
