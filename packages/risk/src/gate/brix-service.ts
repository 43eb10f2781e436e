import {
  type Clock,
  causedBy,
  type DomainEvent,
  type EventBus,
  type Health,
  type Logger,
  type Release,
  type Service,
  silentLogger,
  type Unsubscribe,
} from '@perpdesk/core';
import { exact } from '../exact/exact.ts';
import type { ClosedTrade } from '../exposure/losses-in-row.ts';
import type { Brix } from './brix.ts';

const hourMs = 3_600_000;

/** Options of {@link BrixService}. */
export interface BrixServiceOptions {
  readonly brix: Brix;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  /** How often limits are looked at and what is over is forgotten; on whole multiples since the epoch. Default 60,000. */
  readonly checkEveryMs?: number;
  readonly logger?: Logger;
}

/**
 * Runs Brix in a desk: every recommendation becomes one `risk.decided` per active user and `signal.issued` for those that
 * pass; users are warned as they near their limits. A recommendation that is delivered again gives the same events again,
 * under the same ids, which the bus drops.
 */
export class BrixService implements Service {
  readonly name = 'brix';
  readonly #options: BrixServiceOptions;
  readonly #logger: Logger;
  #unsubscribe: Unsubscribe | undefined;
  #unsubscribeResults: Unsubscribe | undefined;
  #cancelTimer: Release | undefined;
  #looking: Promise<void> = Promise.resolve();
  #trouble: string | undefined;

  constructor(options: BrixServiceOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  async start(): Promise<void> {
    const { brix, eventBus } = this.#options;
    await brix.open();
    this.#unsubscribe = eventBus.subscribe({ group: 'brix', types: ['recommendation.published'] }, (event) =>
      this.#decide(event),
    );
    this.#unsubscribeResults = eventBus.subscribe({ group: 'brix-results', types: ['position.closed'] }, (event) =>
      brix.noteResult(resultOf(event)),
    );
    this.#armTimer();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#unsubscribeResults?.();
    this.#unsubscribeResults = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    await this.#looking;
  }

  health(): Health {
    if (this.#unsubscribe === undefined) return { status: 'stopped' };
    return this.#trouble === undefined ? { status: 'healthy' } : { status: 'degraded', detail: this.#trouble };
  }

  async #decide(event: DomainEvent<'recommendation.published'>): Promise<void> {
    const { brix, eventBus } = this.#options;
    for (const decision of await brix.filter(event.payload)) {
      const { userId } = decision;
      const decided = await eventBus.publish({
        id: `risk.decided:${decision.id}`,
        type: 'risk.decided',
        key: userId,
        userId,
        ...causedBy(event),
        payload: decision,
      });
      if (decision.outcome === 'rejected') continue;
      await eventBus.publish({
        id: `signal.issued:${decision.signal.id}`,
        type: 'signal.issued',
        key: userId,
        userId,
        ...causedBy(decided),
        payload: decision.signal,
      });
    }
    await this.#tellLimits();
  }

  async #tellLimits(): Promise<void> {
    const { brix, eventBus } = this.#options;
    for (const { warning, flatten, day } of await brix.checkLimits()) {
      const { userId } = warning;
      await eventBus.publish({ type: 'limit.warned', key: userId, userId, payload: warning });
      if (flatten === undefined) continue;
      await eventBus.publish({
        id: `flatten.requested:${userId}:${flatten.venue}:${day}`,
        type: 'flatten.requested',
        key: userId,
        userId,
        payload: flatten,
      });
    }
  }

  #armTimer(): void {
    const { clock, checkEveryMs = 60_000 } = this.#options;
    const nowMs = clock.nowMs();
    const nextMs = (Math.floor(nowMs / checkEveryMs) + 1) * checkEveryMs;
    this.#cancelTimer = clock.setTimer(nextMs - nowMs, () => {
      this.#looking = this.#look();
      this.#armTimer();
    });
  }

  async #look(): Promise<void> {
    const release = this.#options.clock.hold();
    try {
      const { brix, clock, checkEveryMs = 60_000 } = this.#options;
      // What is over does not count any more; forgetting it is housekeeping, once an hour.
      if (clock.nowMs() % hourMs < checkEveryMs) await brix.prune();
      await this.#tellLimits();
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = 'the limits could not be looked at';
      this.#logger.error({ error }, this.#trouble);
    } finally {
      release();
    }
  }
}

/** A trade's result counts with what it cost: realised PnL less fees plus funding. */
function resultOf({ id, payload }: DomainEvent<'position.closed'>): ClosedTrade {
  const { position, realizedPnl, fees, funding } = payload;
  const net = exact(realizedPnl).minus(fees).plus(funding);
  const sign = net.greaterThan(0) ? 1 : net.lessThan(0) ? -1 : 0;
  return { id, userId: position.userId, closedAtMs: position.updatedAtMs, sign };
}
