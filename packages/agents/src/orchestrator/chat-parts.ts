import type { ChatMessage, ModelCallContext, SharedDeskState, UserDeskState } from '@perpdesk/core';
import type { ComposedAnswer } from './answer/compose-answer.ts';
import type { ChatRoute } from './route/chat-route.ts';

/** A question as the parts of the Orchestrator see it. */
export interface ChatQuestion {
  /** What was asked, with credentials out of it. Foreign text. */
  readonly text: string;
  /** What was said before in this conversation, oldest first, capped. Of this user alone. */
  readonly history: readonly Pick<ChatMessage, 'role' | 'text'>[];
  readonly shared: SharedDeskState;
  /** For whom models are asked. */
  readonly context: ModelCallContext;
  /** How long it may take, wall clock, ms. */
  readonly timeoutMs: number;
  /** No model is asked: what there is to say now is said. */
  readonly byRules: boolean;
  readonly signal: AbortSignal;
}

/** Where questions go and how they are answered. Both end in time, and reject only when aborted. */
export interface ChatParts {
  route(question: ChatQuestion): Promise<ChatRoute>;
  answer(
    question: ChatQuestion & {
      readonly route: ChatRoute;
      /** The state of the one who asks, and of nobody else. */
      readonly mine: UserDeskState;
      /** Told of the answer so far, whole. */
      readonly onText?: (text: string) => void;
    },
  ): Promise<ComposedAnswer>;
}
