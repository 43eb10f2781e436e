import { Decimal, plus, type Size, sum, toSize, type WorkflowContext } from '@perpdesk/core';
import { EntryChase } from './entry-chase.ts';
import type { EntryLegIntent } from './entry-intents.ts';
import type { LegBook } from './leg-book.ts';
import { patient, type TradeActs, type TradeInput } from './trade-acts-port.ts';

/** Pauses before an order of unknown outcome is asked after again. The last outlives its authorisation. */
const resolvePausesMs = [1_000, 2_000, 4_000, 8_000] as const;

/** Options of {@link EntryRun}. */
export interface EntryRunOptions {
  readonly context: WorkflowContext;
  readonly input: TradeInput;
  readonly acts: TradeActs;
  readonly book: LegBook;
  readonly legs: readonly EntryLegIntent[];
  /** True where a policy may keep back each order. */
  readonly policed: boolean;
}

/**
 * Enters a trade: sends its legs as their time comes, moves the one that chases, cancels what is left. What a slice has not
 * filled goes with the next.
 */
export class EntryRun {
  readonly #options: EntryRunOptions;
  readonly #waiting: EntryLegIntent[];
  readonly #chase: EntryChase | undefined;
  /** What was sent, less what a later slice has taken over. */
  #sent: { readonly clientOrderId: string; readonly size: Size }[] = [];

  constructor(options: EntryRunOptions) {
    this.#options = options;
    const { pacing } = options.input.guidance;
    const [first] = options.legs;
    const isChase = pacing?.kind === 'chase' && first !== undefined;
    this.#chase = isChase
      ? new EntryChase({ ...options, leg: first, pacing, send: (leg) => this.#send(leg) })
      : undefined;
    this.#waiting = isChase ? [] : [...options.legs];
  }

  /** True while orders rest or are to be sent. */
  get open(): boolean {
    return this.#options.book.resting().length > 0 || this.#waiting.length > 0 || this.#chase?.open === true;
  }

  /** What may fill yet: what rests and what is to be sent. */
  unfilled(): Size {
    if (this.#chase?.open === true) return this.#chase.unfilled();
    const resting = this.#options.book.unfilled();
    if (this.#waiting.length === 0) return resting;
    return sum([resting, this.#carried(), ...this.#waiting.map(({ intent }) => intent.size)]);
  }

  /** When something is to be done next, ms since the entry began; undefined while there is nothing to do but wait. */
  get nextMs(): number | undefined {
    return this.#chase === undefined ? this.#waiting[0]?.afterMs : this.#chase.nextMs;
  }

  /** Does what is due `sinceMs` after the entry began. */
  async act(turn: string, sinceMs: number): Promise<void> {
    await this.#chase?.act(turn, sinceMs);
    for (let leg = this.#waiting[0]; leg !== undefined && leg.afterMs <= sinceMs; leg = this.#waiting[0]) {
      this.#waiting.shift();
      const size = leg.afterMs === 0 ? leg.intent.size : plus(leg.intent.size, this.#takeCarried());
      this.#sent.push({ clientOrderId: await this.#send({ ...leg, intent: { ...leg.intent, size } }), size });
    }
  }

  /** Sends nothing more and cancels what rests. */
  async end(turn: string): Promise<void> {
    const { acts, book, context, input } = this.#options;
    this.#waiting.length = 0;
    this.#chase?.stop();
    for (const id of book.resting()) {
      const ended = await context.step(`cancel-${turn}-${id}`, () => acts.cancel(input, id), patient);
      if (ended !== null) book.note(ended);
    }
  }

  /** What slices that have ended left unfilled, and no later one has taken over. */
  #carried(): Size {
    const { book } = this.#options;
    const ended = this.#sent.filter(({ clientOrderId }) => !book.rests(clientOrderId));
    return toSize(
      ended.reduce(
        (left, { clientOrderId, size }) => left.plus(new Decimal(size).minus(book.filledOf(clientOrderId))),
        new Decimal(0),
      ),
    );
  }

  /** The same, which counts no longer: the next slice has it. */
  #takeCarried(): Size {
    const carried = this.#carried();
    this.#sent = this.#sent.filter(({ clientOrderId }) => this.#options.book.rests(clientOrderId));
    return carried;
  }

  /** Sends a leg, and asks after it while its outcome is not known. */
  async #send(leg: EntryLegIntent): Promise<string> {
    const { acts, book, context, input, policed } = this.#options;
    const clientOrderId = context.id(leg.step);
    if (policed) {
      // A step of its own: an order that went out before a crash is asked after, whatever holds by then.
      const held = await context.step(`${leg.step}-policy`, () => acts.held(input, leg, clientOrderId), patient);
      if (held.rejection !== undefined) return clientOrderId;
    }
    let sent = await context.step(leg.step, () => acts.send(leg, clientOrderId), patient);
    for (const [index, pauseMs] of resolvePausesMs.entries()) {
      if (sent.outcome !== 'unknown') break;
      await context.sleep(`${leg.step}-pause-${index}`, pauseMs);
      sent = await context.step(`${leg.step}-again-${index}`, () => acts.send(leg, clientOrderId), patient);
    }
    // Still unknown, it may have landed: it counts as open until a message or a query says otherwise.
    if (sent.outcome === 'accepted' || sent.outcome === 'unknown') book.open(clientOrderId, leg.intent.size);
    if (sent.outcome === 'accepted') book.note(sent.order);
    return clientOrderId;
  }
}
