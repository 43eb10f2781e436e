import type { Clock, LanguageModel } from '@perpdesk/core';
import type { Redactor } from '@perpdesk/core/security';
import { composeAnswer } from './answer/compose-answer.ts';
import type { PlopDesk } from './answer/plop-desk.ts';
import type { ChatParts } from './chat-parts.ts';
import { routeQuestion } from './route/route-by-model.ts';

/** Options of {@link deskChatParts}. */
export interface DeskChatPartsOptions {
  /** The desk's clock: how old things are is reckoned by it. */
  readonly clock: Clock;
  /** What models are timed by. */
  readonly wallClock: Clock;
  /** Places what the rules do not, and words answers. Default: rules and templates alone. */
  readonly model?: LanguageModel;
  /** Who is asked about contracts of prediction markets. */
  readonly plop?: PlopDesk;
  /** Agents of one's own, beside those of the desk. */
  readonly agents?: readonly string[];
  /** The most that placing a question may take a model, ms. Default 4,000. */
  readonly routeWithinMs?: number;
  readonly redactor?: Pick<Redactor, 'mask'>;
}

/** The desk's own way to answer: by rules first and a model second, from its state. */
export function deskChatParts(options: DeskChatPartsOptions): ChatParts {
  const { clock, wallClock, model, plop, agents, routeWithinMs = 4_000, redactor } = options;
  const masking = redactor === undefined ? {} : { redactor };
  return {
    route: ({ text, history, shared, context, timeoutMs, byRules, signal }) =>
      routeQuestion(text, {
        markets: shared.markets(),
        ...(agents === undefined ? {} : { agents }),
        ...(model === undefined || byRules ? {} : { model }),
        clock: wallClock,
        timeoutMs: Math.min(routeWithinMs, timeoutMs),
        ...{ history, context, signal, ...masking },
      }),
    answer: ({ text, byRules, ...asked }) =>
      composeAnswer({
        question: text,
        ...asked,
        ...(model === undefined || byRules ? {} : { model }),
        ...(plop === undefined || byRules ? {} : { plop }),
        ...{ clock, wallClock, ...masking },
      }),
  };
}
