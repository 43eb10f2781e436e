import { type ChatMessage, type Clock, type LanguageModel, type ModelCallContext, PerpDeskError } from '@perpdesk/core';
import type { Redactor } from '@perpdesk/core/security';
import { askInTime } from '../../model/ask-in-time.ts';
import { maskCredentials } from '../../model/journal/mask-credentials.ts';
import type { ChatIntent, ChatRoute } from './chat-route.ts';
import { isGrounded } from './ground-command.ts';
import { routePrompt, routePromptVersion, routeQuestionText } from './prompt.ts';
import { type DeskNames, readQuestion } from './question.ts';
import { routeByRules } from './route-by-rules.ts';
import { type RouteAnswer, routeAnswerSchema } from './schema.ts';

/** Options of {@link routeByModel}. */
export interface ModelRouteOptions extends DeskNames {
  readonly model: LanguageModel;
  /** What the model's time is measured with: the machine's. */
  readonly clock: Clock;
  /** The most it may take, ms. Default 4,000. */
  readonly timeoutMs?: number;
  readonly context?: ModelCallContext;
  /** Knows the desk's secrets, which no prompt may hold. What looks like a credential is masked without it too. */
  readonly redactor?: Pick<Redactor, 'mask'>;
  readonly signal?: AbortSignal;
}

/** Options of {@link routeQuestion}. */
export interface RouteOptions extends DeskNames, Partial<Omit<ModelRouteOptions, 'markets' | 'agents'>> {
  /** The conversation so far, oldest first: "and why?" is about the market that was asked about before. */
  readonly history?: readonly Pick<ChatMessage, 'role' | 'text'>[];
}

/** Where a question goes: by rules, and by the model where they find nothing and there is one. Rejects only when aborted. */
export async function routeQuestion(text: string, options: RouteOptions): Promise<ChatRoute> {
  const route = followUp(routeByRules(text, options), options);
  const { model, clock } = options;
  if (route.intent !== 'unknown' || route.lookAlikes !== undefined || model === undefined || clock === undefined)
    return route;
  const modelRoute = await routeByModel(text, { ...options, model, clock });
  return modelRoute === undefined ? route : followUp(modelRoute, options);
}

/** Questions that may mean the market asked about before. An action never does: it names its own. */
const followingUp: ReadonlySet<ChatIntent> = new Set(['opinion', 'why', 'price']);

function followUp(route: ChatRoute, { history = [], ...desk }: RouteOptions): ChatRoute {
  if (route.markets.length > 0 || route.lookAlikes !== undefined || !followingUp.has(route.intent)) return route;
  const asked = history.filter(({ role }) => role === 'user').map(({ text }) => readQuestion(text, desk).markets);
  const last = asked.findLast((markets) => markets.length > 0) ?? [];
  return { ...route, markets: [...last] };
}

/**
 * Has a model say where a question goes. It chooses among what there is: markets are those that the rules find in the text, and a command counts
 * only when every number and name of it stands there. Undefined when the model could not be used. Rejects only when aborted.
 */
export async function routeByModel(text: string, options: ModelRouteOptions): Promise<ChatRoute | undefined> {
  const { model, clock, timeoutMs = 4_000, context, redactor, signal } = options;
  const question = readQuestion(text, options);
  const shown = maskCredentials(redactor?.mask(text) ?? text);
  try {
    const { value } = await askInTime(
      model,
      {
        purpose: `orchestrator-route/${routePromptVersion}`,
        system: routePrompt,
        prompt: routeQuestionText(shown, question.markets),
        schema: routeAnswerSchema,
        schemaName: 'chat_route',
        maxOutputTokens: 400,
        timeoutMs,
        context: { ...context, agent: 'orchestrator' },
      },
      { clock, ...(signal === undefined ? {} : { signal }) },
    );
    return adopt(value, question);
  } catch (error) {
    signal?.throwIfAborted();
    if (PerpDeskError.is(error)) return undefined;
    throw error;
  }
}

function adopt(
  { intent, agents, refusal, command }: RouteAnswer,
  question: ReturnType<typeof readQuestion>,
): ChatRoute {
  const base = {
    agents: [...new Set(agents)].filter((agent) => agent !== 'orchestrator'),
    markets: [...question.markets],
    by: 'model' as const,
  };
  if (intent === 'refuse') return refusal === null ? { ...base, intent: 'unknown' } : { ...base, intent, refusal };
  const isGood = intent === 'act' && command !== null && isGrounded(command, question);
  return { ...base, intent, ...(isGood ? { command } : {}) };
}
