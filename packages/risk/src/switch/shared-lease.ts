import {
  type Clock,
  ConfigError,
  type Health,
  type Logger,
  type Release,
  type Service,
  silentLogger,
} from '@perpdesk/core';

/** The longest a lease may be: within it a halt reaches every process (PRODUCT §3). */
export const longestLeaseMs = 2_000;

/** Options of {@link SharedLease}. */
export interface SharedLeaseOptions {
  readonly clock: Clock;
  /**
   * Reads the shared trading state and honours it; rejects when it can not be read. Resolves with how long ago, ms, the last of
   * those who share it told what it had halted: 0 when it shares it with nobody. `DurableTradingSwitch` is one.
   */
  readonly source: { refresh(): Promise<number> };
  /** How long a reading counts, from the moment it was begun, less the age of what it read. Default and at most 2,000. */
  readonly leaseMs?: number;
  /** How often it is read anew. Default a quarter of the lease. */
  readonly renewEveryMs?: number;
  readonly logger?: Logger;
}

/**
 * The right of this process to send new risk: it knows what every process had halted at most 2 s ago. A halt that any process
 * wrote is seen by the next reading; a process that can not read (database down, network cut, reading hanging) loses the lease
 * and sends no new risk, while exits go on. So does one that hears nothing from another: that one may have halted and be unable
 * to say so. Processes that share a database need leases alike. Give `() => lease.held()` to Brix as `lease`.
 */
export class SharedLease implements Service {
  readonly name = 'trading-lease';
  readonly #options: SharedLeaseOptions;
  readonly #leaseMs: number;
  readonly #renewEveryMs: number;
  readonly #logger: Logger;
  #readAtMs: number | undefined;
  #begunAtMs: number | undefined;
  #cancelTimer: Release | undefined;

  /** @throws ConfigError `lease.invalid` for a lease above 2 s or one that is not renewed within itself */
  constructor(options: SharedLeaseOptions) {
    const { leaseMs = longestLeaseMs, renewEveryMs = leaseMs / 4 } = options;
    if (!(leaseMs > 0 && leaseMs <= longestLeaseMs && renewEveryMs > 0 && renewEveryMs < leaseMs)) {
      throw new ConfigError(
        'lease.invalid',
        `A lease is at most ${longestLeaseMs} ms and renewed within itself, got ${leaseMs} ms every ${renewEveryMs} ms.`,
      );
    }
    this.#options = options;
    this.#leaseMs = leaseMs;
    this.#renewEveryMs = renewEveryMs;
    this.#logger = options.logger ?? silentLogger;
  }

  /** Resolves after the first reading, whether it succeeded or not: without one nothing is held. */
  async start(): Promise<void> {
    const first = this.#renew();
    this.#arm();
    await first;
  }

  async stop(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#readAtMs = undefined;
  }

  health(): Health {
    if (this.#cancelTimer === undefined) return { status: 'stopped' };
    return this.held() ? { status: 'healthy' } : { status: 'degraded', detail: 'no lease: only exits are sent' };
  }

  /** True while new risk may be sent. No I/O; a clock set back ends it until the next reading. */
  held(): boolean {
    if (this.#readAtMs === undefined || this.#cancelTimer === undefined) return false;
    const ageMs = this.#options.clock.nowMs() - this.#readAtMs;
    return ageMs >= 0 && ageMs < this.#leaseMs;
  }

  #arm(): void {
    this.#cancelTimer = this.#options.clock.setTimer(this.#renewEveryMs, () => {
      void this.#renew();
      this.#arm();
    });
  }

  /** Counts from before the reading, and from the oldest of what it read: what was halted after may not be in it. */
  async #renew(): Promise<void> {
    const { clock, source } = this.#options;
    const begunAtMs = clock.nowMs();
    // One at a time; one that hangs for a whole lease is left behind.
    if (this.#begunAtMs !== undefined && begunAtMs - this.#begunAtMs < this.#leaseMs) return;
    this.#begunAtMs = begunAtMs;
    try {
      this.#readAtMs = begunAtMs - (await source.refresh());
    } catch (error) {
      this.#logger.error({ error }, 'the trading state could not be read: the lease runs out');
    } finally {
      if (this.#begunAtMs === begunAtMs) this.#begunAtMs = undefined;
    }
  }
}
