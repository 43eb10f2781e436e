import { type Clock, ValidationError } from '@perpdesk/core';
import { Limiter } from '../../service/limiter.ts';
import type { ChatLimits } from './settings.ts';
import { TokenBucket } from './token-bucket.ts';

/** Who asks, and where. */
export interface Asker {
  readonly userId: string;
  /** Absent: a new conversation. */
  readonly conversationId?: string;
}

/** Holds back who asks too much: a rate for each user, one question at a time in a conversation, a few for a user and some for all. */
export class QuestionGate {
  readonly #limits: ChatLimits;
  readonly #rate: TokenBucket;
  readonly #limiter: Limiter;
  readonly #ofUser = new Map<string, number>();
  readonly #busy = new Set<string>();
  #inside = 0;

  constructor(options: { readonly wallClock: Clock; readonly limits: ChatLimits }) {
    const { wallClock: clock, limits } = options;
    this.#limits = limits;
    this.#rate = new TokenBucket({ clock, burst: limits.burst, perMinute: limits.perMinute });
    this.#limiter = new Limiter({ limit: limits.atOnce });
  }

  /** Questions that are worked on or wait for it. */
  get size(): number {
    return this.#inside;
  }

  /**
   * Runs `work` when there is room for it.
   * @throws ValidationError `chat.busy`, `chat.rate`, `chat.overloaded`; each may be tried again after its `retryAfterMs`
   */
  async run<Result>({ userId, conversationId }: Asker, work: () => Promise<Result>): Promise<Result> {
    const { atOnce, atOncePerUser, mostWaiting, lookAgainMs } = this.#limits;
    const place = conversationId === undefined ? undefined : JSON.stringify([userId, conversationId]);
    const ofUser = this.#ofUser.get(userId) ?? 0;
    if (place !== undefined && this.#busy.has(place))
      throw later(
        'chat.busy',
        'Your last question in this conversation is still being answered: wait for it.',
        lookAgainMs,
      );
    if (ofUser >= atOncePerUser)
      throw later(
        'chat.busy',
        `${ofUser} questions of yours are still being answered: wait for one of them.`,
        lookAgainMs,
      );
    if (this.#inside >= atOnce + mostWaiting)
      throw later('chat.overloaded', 'Too many questions are asked at once: ask again in a moment.', lookAgainMs);
    const waitMs = this.#rate.take(userId);
    if (waitMs > 0) throw later('chat.rate', `You ask too fast: ask again in ${Math.ceil(waitMs / 1_000)} s.`, waitMs);
    this.#inside += 1;
    this.#ofUser.set(userId, ofUser + 1);
    if (place !== undefined) this.#busy.add(place);
    try {
      return await this.#limiter.run(work);
    } finally {
      this.#inside -= 1;
      if (place !== undefined) this.#busy.delete(place);
      const left = (this.#ofUser.get(userId) ?? 1) - 1;
      if (left > 0) this.#ofUser.set(userId, left);
      else this.#ofUser.delete(userId);
    }
  }
}

const later = (code: string, message: string, retryAfterMs: number): ValidationError =>
  new ValidationError(code, message, { retryable: true, retryAfterMs });
