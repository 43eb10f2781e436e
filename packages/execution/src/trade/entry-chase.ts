import { type EntryPacing, isZero, minus, type Price, type Size, type WorkflowContext } from '@perpdesk/core';
import { type EntryLegIntent, takingIntent } from './entry-intents.ts';
import type { LegBook } from './leg-book.ts';
import { patient, type TradeActs, type TradeInput } from './trade-acts-port.ts';

/** Options of {@link EntryChase}. */
export interface EntryChaseOptions {
  readonly context: WorkflowContext;
  readonly input: TradeInput;
  readonly acts: TradeActs;
  readonly book: LegBook;
  readonly leg: EntryLegIntent;
  readonly pacing: Extract<EntryPacing, { readonly kind: 'chase' }>;
  /** Sends one order and gives its id. */
  readonly send: (leg: EntryLegIntent) => Promise<string>;
}

/** How long the end of an order that is to be moved is waited for before it is cancelled again. */
const cancelAnswerMs = 1_000;

/**
 * A limit that rests at the touch and follows it: cancelled, and sent again at the new price once the old one has ended for
 * sure, for what it left. Never two at a time, so that nothing fills twice.
 */
export class EntryChase {
  readonly #options: EntryChaseOptions;
  #orderId: string | undefined;
  #price: Price | undefined;
  #moves = 0;
  #leaving = false;
  #nextMs: number | undefined = 0;

  constructor(options: EntryChaseOptions) {
    this.#options = options;
  }

  /** True until nothing more will be sent. */
  get open(): boolean {
    return this.#nextMs !== undefined && !isZero(this.unfilled());
  }

  get nextMs(): number | undefined {
    const hasLeft = this.#leaving && this.#orderId !== undefined && !this.#options.book.rests(this.#orderId);
    return hasLeft && this.#nextMs !== undefined ? 0 : this.#nextMs;
  }

  /** What of the whole has not filled. */
  unfilled(): Size {
    return minus(this.#options.leg.intent.size, this.#options.book.filled());
  }

  stop(): void {
    this.#nextMs = undefined;
  }

  /** Looks at the touch when it is time, and moves when it has moved. */
  async act(turn: string, sinceMs: number): Promise<void> {
    if (this.nextMs === undefined || sinceMs < this.nextMs) return;
    const { acts, book, context, input, pacing } = this.#options;
    if (isZero(this.unfilled())) return this.stop();
    if (this.#orderId !== undefined && book.rests(this.#orderId)) {
      if (!this.#leaving) {
        const { price } = await context.step(`touch-${turn}`, () => acts.touch(input), patient);
        const stays = price === null || price === this.#price;
        if (stays) return this.#again(sinceMs + pacing.pauseMs);
        this.#leaving = true;
      }
      const orderId = this.#orderId;
      const ended = await context.step(`move-${turn}`, () => acts.cancel(input, orderId), patient);
      if (ended !== null) book.note(ended);
      // Its end is told by the venue: until then nothing takes its place.
      if (book.rests(orderId)) return this.#again(sinceMs + cancelAnswerMs);
    }
    this.#leaving = false;
    await this.#sendNext(turn, sinceMs);
  }

  #again(atMs: number): void {
    this.#nextMs = atMs;
  }

  async #sendNext(turn: string, sinceMs: number): Promise<void> {
    const { acts, context, input, leg, pacing, send } = this.#options;
    const size = this.unfilled();
    if (isZero(size)) return this.stop();
    if (this.#moves > pacing.moves) {
      this.stop();
      if (pacing.finish === 'cancel') return;
      const { worst } = await context.step(`take-${turn}`, () => acts.touch(input), patient);
      await send({ ...leg, step: `${leg.step}-take`, intent: takingIntent(leg.intent, size, worst) });
      return;
    }
    const { price } = await context.step(`lay-${turn}`, () => acts.touch(input), patient);
    this.#again(sinceMs + pacing.pauseMs);
    this.#moves += 1;
    if (price === null) return;
    this.#price = price;
    this.#orderId = await send({
      ...leg,
      step: this.#moves === 1 ? leg.step : `${leg.step}-move-${this.#moves - 1}`,
      intent: { ...leg.intent, size, price },
    });
  }
}
