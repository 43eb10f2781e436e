import {
  type Account,
  type ApprovalVerifier,
  type ApprovedOrder,
  type Authorization,
  type CancelOutcome,
  type Clock,
  ConfigError,
  type ExecutionVenue,
  type Fill,
  type Instrument,
  type InstrumentId,
  type Logger,
  type Order,
  type OrderIntent,
  type PlaceAllOptions,
  type PlaceOutcome,
  type Position,
  type Rejection,
  silentLogger,
  type Unsubscribe,
  ValidationError,
  type VenueCapabilities,
  type VenueUpdate,
} from '@perpdesk/core';
import { checkOrder } from './check-order.ts';
import { HeldBackError } from './held-back-error.ts';
import {
  type Departure,
  type OutboundAct,
  OutboundLedger,
  type OutboundMismatch,
  OutboundMismatchError,
  type OutboundOrder,
} from './outbound-ledger.ts';

/** What every venue is made with. */
export interface VenueBaseOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Checks and spends authorisations; can not mint them. */
  readonly verifier: ApprovalVerifier;
  /**
   * Called at the first order that would leave without its authorisation, and at each further one: halt trading here, such
   * as by `tradingSwitch.set('operator', 'halted', mismatch.message)`. The venue itself refuses new risk from then on.
   */
  readonly onMismatch?: (mismatch: OutboundMismatch) => void | Promise<void>;
  /**
   * Asked of new risk at the wire, at the last moment: why it must not leave any more, such as a halt since it was authorised.
   * Must answer from memory. What only lessens risk is not asked about. Default: an authorisation suffices.
   */
  readonly mayLeave?: (intent: OrderIntent) => Rejection | undefined;
  readonly logger?: Logger;
}

type ActOptions = { readonly signal?: AbortSignal };

/** How an authorised order is sent. */
export interface SendOptions extends ActOptions {
  /** When its authorisation ends: the venue must not take it after that, by an expiry that is part of what is signed. */
  readonly expiresAtMs: number;
}

/** One of several orders that are sent together. */
export interface SentLeg {
  readonly intent: OrderIntent;
  readonly expiresAtMs: number;
}

/** A leg that was verified, spent and cleared to leave. */
interface ClearedLeg {
  readonly intent: OrderIntent;
  readonly authorization: Authorization;
}

const refused = (rejection: Rejection): PlaceOutcome => ({ outcome: 'rejected', rejection });

/**
 * What all execution venues share: `place`, `placeAll`, `amend`, `cancel` and `cancelAll` are the same for all and not to be
 * overridden. They take
 * only what an ApprovalAuthority minted, spend it, check it against the venue's rules, and hand the verified frozen intent
 * to the adapter's `send`. The adapter calls {@link VenueBase.depart} with what goes over the wire, at the wire: what was
 * not authorised does not leave, and trading halts. What fails before that is `rejected`; what fails after it is `unknown`.
 *
 * This guards against accident and bypass, not against hostile code in the same process.
 */
export abstract class VenueBase implements ExecutionVenue {
  readonly name: string;
  abstract readonly capabilities: VenueCapabilities;
  protected readonly clock: Clock;
  protected readonly logger: Logger;
  readonly #verifier: ApprovalVerifier;
  readonly #outbound: OutboundLedger;
  readonly #onMismatch: VenueBaseOptions['onMismatch'];
  readonly #mayLeave: VenueBaseOptions['mayLeave'];
  #mismatch: OutboundMismatch | undefined;

  /** @throws ConfigError `venue.overridden` when an adapter replaces one of the acting methods. */
  constructor(options: VenueBaseOptions) {
    this.name = options.name;
    this.clock = options.clock;
    this.logger = options.logger ?? silentLogger;
    this.#verifier = options.verifier;
    this.#onMismatch = options.onMismatch;
    this.#mayLeave = options.mayLeave;
    this.#outbound = new OutboundLedger({
      nowMs: () => this.clock.nowMs(),
      onMismatch: (mismatch) => this.#halt(mismatch),
    });
    const overridden = (['place', 'placeAll', 'amend', 'cancel', 'cancelAll'] as const).find(
      (method) => this[method] !== VenueBase.prototype[method],
    );
    if (overridden !== undefined) {
      throw new ConfigError(
        'venue.overridden',
        `The venue "${options.name}" overrides ${overridden}: adapters implement send, sendAll, sendAmend, sendCancel and sendCancelAll.`,
      );
    }
  }

  abstract instruments(): readonly Instrument[];
  abstract unhealthy(): string | undefined;
  abstract fetchOrder(
    userId: string,
    clientOrderId: string,
    options?: ActOptions & { readonly instrumentId?: InstrumentId },
  ): Promise<Order | undefined>;
  abstract fetchOpenOrders(userId: string, options?: ActOptions): Promise<readonly Order[]>;
  abstract fetchPositions(userId: string, options?: ActOptions): Promise<readonly Position[]>;
  abstract fetchFills(userId: string, sinceMs: number, options?: ActOptions): Promise<readonly Fill[]>;
  abstract fetchAccount(userId: string, options?: ActOptions): Promise<Account>;
  abstract watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe;

  /**
   * Sends one order. Calls `depart` at the wire, then tells what the venue answered. What it throws after `depart` becomes
   * `unknown`.
   */
  protected abstract send(intent: OrderIntent, options: SendOptions): Promise<PlaceOutcome>;
  /**
   * Sends several orders, at most `capabilities.maxBatch` of them; one outcome for each, in their order. Calls `depart` for
   * each at the wire. What it throws becomes the outcome of all that are without one. Default: one after the other.
   */
  protected async sendAll(legs: readonly SentLeg[], options: PlaceAllOptions): Promise<readonly PlaceOutcome[]> {
    const { signal } = options;
    const outcomes: PlaceOutcome[] = [];
    for (const { intent, expiresAtMs } of legs) {
      const given = signal === undefined ? { expiresAtMs } : { expiresAtMs, signal };
      outcomes.push(
        await this.send(intent, given).catch((error: unknown) =>
          this.#failed(intent, error, this.#outbound.left(intent)),
        ),
      );
    }
    return outcomes;
  }
  /** Cancels one order. What it throws becomes `unknown`. */
  protected abstract sendCancel(userId: string, clientOrderId: string, options: ActOptions): Promise<CancelOutcome>;
  /** Cancels all orders of the user or of one instrument. Default: those that are open, one by one. */
  protected async sendCancelAll(
    userId: string,
    instrumentId: InstrumentId | undefined,
    options: ActOptions,
  ): Promise<CancelOutcome> {
    const open = await this.fetchOpenOrders(userId, options);
    let unknown: CancelOutcome | undefined;
    for (const order of open) {
      if (instrumentId !== undefined && order.instrumentId !== instrumentId) continue;
      const outcome = await this.cancel(userId, order.clientOrderId, options);
      // One that is final already is what was wanted.
      if (outcome.outcome === 'unknown') unknown = outcome;
    }
    return unknown ?? { outcome: 'accepted' };
  }
  /** Replaces one order; only where `capabilities.amend`. Calls `depart` as `send` does. */
  protected async sendAmend(_intent: OrderIntent, _options: SendOptions): Promise<PlaceOutcome> {
    throw new ValidationError('venue.amend-unsupported', `The venue "${this.name}" can not amend orders.`);
  }

  /** The instrument as it trades here. */
  protected instrument(id: InstrumentId): Instrument | undefined {
    return this.instruments().find((instrument) => instrument.id === id);
  }

  /** What a market order would fill at about, where the venue knows: for the minimum notional. */
  protected referencePrice(_id: InstrumentId): number | undefined {
    return undefined;
  }

  /** What is cleared to leave under this id, for adapters that read what they are about to send. */
  protected cleared(userId: string, clientOrderId: string): OrderIntent | undefined {
    return this.#outbound.cleared({ userId, clientOrderId });
  }

  /**
   * Writes down that this order goes over the wire now. New risk is asked about once more: what was halted since it was
   * authorised does not leave. @throws OutboundMismatchError, HeldBackError: then it must not.
   */
  protected depart(order: OutboundOrder): void {
    const cleared = this.#outbound.cleared(order);
    const rejection = cleared?.reduceOnly === false ? this.#mayLeave?.(cleared) : undefined;
    if (rejection !== undefined) throw new HeldBackError(rejection);
    this.#outbound.depart(order);
  }

  /** Every order that left, with its authorisation; the newest 10,000, oldest first. */
  departures(): readonly Departure[] {
    return this.#outbound.departures();
  }

  async place(order: ApprovedOrder, options: ActOptions = {}): Promise<PlaceOutcome> {
    return this.#act('place', order, options, (intent, send) => this.send(intent, send));
  }

  /** @throws ValidationError `venue.bracket-unsupported` */
  async placeAll(orders: readonly ApprovedOrder[], options: PlaceAllOptions = {}): Promise<readonly PlaceOutcome[]> {
    const { maxBatch, nativeProtection } = this.capabilities;
    if (options.bracket && nativeProtection !== 'bracket')
      throw new ValidationError('venue.bracket-unsupported', `The venue "${this.name}" has no brackets.`);
    const outcomes = new Array<PlaceOutcome>(orders.length);
    const legs: { readonly index: number; readonly leg: ClearedLeg }[] = [];
    for (const [index, order] of orders.entries()) {
      const leg = this.#clear('place', order, options);
      if ('outcome' in leg) outcomes[index] = leg;
      else legs.push({ index, leg });
    }
    // A bracket goes whole or not at all.
    if (options.bracket && legs.length < orders.length) {
      for (const { index, leg } of legs) {
        this.#outbound.close(leg.intent);
        outcomes[index] = refused({ code: 'order.invalid', message: 'Another order of its bracket was refused.' });
      }
      return outcomes;
    }
    const size = options.bracket ? legs.length : Math.max(1, maxBatch);
    for (let at = 0; at < legs.length; at += size) {
      const batch = legs.slice(at, at + size);
      const answers = await this.#sendBatch(
        batch.map(({ leg }) => leg),
        options,
      );
      for (const [place, { index }] of batch.entries())
        outcomes[index] = answers[place] ?? {
          outcome: 'unknown',
          reason: 'The venue left the order out of its answer.',
        };
    }
    return outcomes;
  }

  /** @throws ValidationError `venue.amend-unsupported` where `capabilities.amend` is false. */
  async amend(order: ApprovedOrder, options: ActOptions = {}): Promise<PlaceOutcome> {
    if (!this.capabilities.amend)
      throw new ValidationError('venue.amend-unsupported', `The venue "${this.name}" can not amend orders.`);
    return this.#act('amend', order, options, (intent, send) => this.sendAmend(intent, send));
  }

  async cancel(userId: string, clientOrderId: string, options: ActOptions = {}): Promise<CancelOutcome> {
    try {
      return await this.sendCancel(userId, clientOrderId, options);
    } catch (error) {
      this.logger.warn({ error, venue: this.name, clientOrderId }, 'the outcome of a cancellation is not known');
      return { outcome: 'unknown', reason: reasonOf(error) };
    }
  }

  async cancelAll(userId: string, instrumentId?: InstrumentId, options: ActOptions = {}): Promise<CancelOutcome> {
    try {
      return await this.sendCancelAll(userId, instrumentId, options);
    } catch (error) {
      this.logger.warn({ error, venue: this.name, userId }, 'the outcome of cancelling all orders is not known');
      return { outcome: 'unknown', reason: reasonOf(error) };
    }
  }

  async #act(
    act: OutboundAct,
    order: ApprovedOrder,
    options: ActOptions,
    send: (intent: OrderIntent, options: SendOptions) => Promise<PlaceOutcome>,
  ): Promise<PlaceOutcome> {
    const leg = this.#clear(act, order, options);
    if ('outcome' in leg) return leg;
    const { intent, authorization } = leg;
    try {
      const outcome = await send(intent, { ...options, expiresAtMs: authorization.expiresAtMs });
      return this.#close(intent, outcome);
    } catch (error) {
      return this.#failed(intent, error, this.#outbound.close(intent));
    }
  }

  async #sendBatch(legs: readonly ClearedLeg[], options: PlaceAllOptions): Promise<readonly PlaceOutcome[]> {
    try {
      const outcomes = await this.sendAll(
        legs.map(({ intent, authorization }) => ({ intent, expiresAtMs: authorization.expiresAtMs })),
        options,
      );
      return legs.map(({ intent }, index) =>
        this.#close(intent, outcomes[index] ?? { outcome: 'unknown', reason: 'The venue left it out of its answer.' }),
      );
    } catch (error) {
      return legs.map(({ intent }) => this.#failed(intent, error, this.#outbound.close(intent)));
    }
  }

  /** Verifies and spends an order and lets it leave; else why it must not. */
  #clear(act: OutboundAct, order: ApprovedOrder, options: ActOptions): ClearedLeg | PlaceOutcome {
    const spent = this.#verifier.spend(order, claimedUser(order));
    if (!spent.ok) return refused(spent.rejection);
    // From here on only what was verified counts; the object that was handed in is not looked at again.
    const { intent, authorization } = spent;
    const rejection = this.#refusal(intent, options);
    if (rejection !== undefined) return refused(rejection);
    if (this.#outbound.clear(act, intent, authorization)) return { intent, authorization };
    return refused({
      code: 'order.duplicate',
      message: 'An order of this id is on its way.',
      actual: intent.clientOrderId,
    });
  }

  #close(intent: OrderIntent, outcome: PlaceOutcome): PlaceOutcome {
    if (!this.#outbound.close(intent) && outcome.outcome !== 'rejected') this.#outbound.reportUnrecorded(intent);
    return outcome;
  }

  #failed(intent: OrderIntent, error: unknown, left: boolean): PlaceOutcome {
    this.logger.warn({ error, venue: this.name, clientOrderId: intent.clientOrderId, left }, 'sending an order failed');
    if (left) return { outcome: 'unknown', reason: reasonOf(error) };
    if (error instanceof HeldBackError) return refused(error.rejection);
    if (error instanceof OutboundMismatchError) return refused({ code: 'trading.halted', message: error.message });
    return refused({ code: 'venue.unhealthy', message: `The order was not sent: ${reasonOf(error)}` });
  }

  #refusal(intent: OrderIntent, { signal }: ActOptions): Rejection | undefined {
    if (intent.venue !== this.name) {
      return { code: 'venue.none', message: 'The order is for another venue.', limit: this.name, actual: intent.venue };
    }
    // Exits go on whatever else has happened.
    if (!intent.reduceOnly && this.#mismatch !== undefined) {
      return { code: 'trading.halted', message: `The venue takes no new risk: ${this.#mismatch.message}` };
    }
    const ill = this.unhealthy();
    if (!intent.reduceOnly && ill !== undefined) return { code: 'venue.unhealthy', message: ill };
    if (signal?.aborted) return { code: 'order.invalid', message: 'The order was given up before it was sent.' };
    return checkOrder(
      intent,
      this.instrument(intent.instrumentId),
      this.capabilities,
      this.referencePrice(intent.instrumentId),
    );
  }

  #halt(mismatch: OutboundMismatch): void {
    this.#mismatch ??= mismatch;
    this.logger.error({ ...mismatch, venue: this.name }, 'an order and its authorisation do not match: trading halts');
    const failed = (error: unknown): void =>
      this.logger.error({ error, venue: this.name }, 'the halt could not be passed on');
    try {
      Promise.resolve(this.#onMismatch?.(mismatch)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** Whose order it says it is; the verifier finds out whether that is so. */
function claimedUser(order: ApprovedOrder): string {
  try {
    return String(order.intent.userId);
  } catch {
    // Not an order at all: the verifier says so.
    return '';
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
