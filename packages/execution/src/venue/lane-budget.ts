import { type Clock, ConfigError, type Release, type VenueBudget, type VenueLane } from '@perpdesk/core';

/** Options of {@link LaneBudget}. */
export interface LaneBudgetOptions {
  readonly clock: Clock;
  /** The weight that the venue takes in a window from this address. */
  readonly weight: number;
  /** How long a window is, ms. Default 60,000. */
  readonly windowMs?: number;
}

interface Waiting {
  readonly weight: number;
  readonly go: () => void;
}

/** What protects a position goes first, then what closes one, what tells of the account, what opens one; the market comes last. */
const lanes: readonly VenueLane[] = ['protect', 'close', 'account', 'open', 'read'];
/** So much may go at once, as at a start; the rest comes back in a window: together never more than the venue takes in any window. */
const burstShare = 0.6;
/** What may be taken of the burst by readings of the account, and by those of the market: the rest is left to orders. */
const shares: Partial<Record<VenueLane, number>> = { account: 0.9, read: 0.75 };
/** What has to wait after the venue refused a request for there were too many, and for how long after the last, ms. */
const held: ReadonlySet<VenueLane> = new Set(['open', 'read']);
const heldForMs = 2_000;

/**
 * One venue's request budget for feeds and orders alike: a token bucket with five lanes. A request of a better lane overtakes all
 * that wait in worse ones; readings of the market never take the last quarter of what may go at once, those of accounts not the last
 * tenth, so that a stop does not wait for history. While the venue refuses requests all the same, as where others share the
 * address, new risk and the market wait, and what it takes is for stops, exits and the account.
 * @example
 * const budget = new LaneBudget({ clock, weight: 1_200 });
 * const feed = new CcxtFeed({ venue: 'hyperliquid', clock, budget });
 * const venue = new CcxtVenue({ venue: 'hyperliquid', clock, budget, … });
 */
export class LaneBudget implements VenueBudget {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perMs: number;
  readonly #queues: Readonly<Record<VenueLane, Waiting[]>> = {
    protect: [],
    close: [],
    account: [],
    open: [],
    read: [],
  };
  #tokens: number;
  #countedAtMs: number;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: Release | undefined;

  /** @throws ConfigError `budget.invalid` unless weight and window are above zero */
  constructor({ clock, weight, windowMs = 60_000 }: LaneBudgetOptions) {
    if (!(weight > 0 && Number.isFinite(weight) && windowMs > 0 && Number.isFinite(windowMs)))
      throw new ConfigError('budget.invalid', `A budget needs a weight and a window, got ${weight} in ${windowMs} ms.`);
    this.#clock = clock;
    this.#burst = weight * burstShare;
    this.#perMs = (weight * (1 - burstShare)) / windowMs;
    this.#tokens = this.#burst;
    this.#countedAtMs = clock.nowMs();
  }

  /** What waits for its turn. */
  get waiting(): number {
    return lanes.reduce((sum, lane) => sum + this.#queues[lane].length, 0);
  }

  /** What weighs more than may go at once waits for the whole of it. Rejects with the signal's reason when aborted. */
  acquire(lane: VenueLane, weight: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const queue = this.#queues[lane];
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        queue.splice(queue.indexOf(waiting), 1);
        reject(signal?.reason);
        this.#serve();
      };
      const waiting: Waiting = {
        weight: Math.min(Math.max(0, weight), this.#most(lane)),
        go: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      queue.push(waiting);
      this.#serve();
    });
  }

  /** The venue's window is fuller than was counted: no more is there than what readings of the market never take. */
  refused(): void {
    this.#refill();
    this.#tokens = Math.min(this.#tokens, this.#burst - this.#most('read'));
    this.#heldUntilMs = this.#countedAtMs + heldForMs;
    this.#serve();
  }

  /** Lets go whoever's turn it is and comes back when the next one's will be. */
  #serve(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#refill();
    for (const lane of lanes) {
      const queue = this.#queues[lane];
      for (let [next] = queue; next !== undefined; [next] = queue) {
        const heldMs = held.has(lane) ? this.#heldUntilMs - this.#countedAtMs : 0;
        const missing = next.weight + this.#burst - this.#most(lane) - this.#tokens;
        if (missing > 1e-9 || heldMs > 0) {
          const waitMs = Math.max(1, Math.ceil(missing / this.#perMs), heldMs);
          this.#cancelTimer = this.#clock.setTimer(waitMs, () => this.#serve());
          return;
        }
        this.#tokens -= next.weight;
        queue.shift();
        next.go();
      }
    }
  }

  /** A clock set back gives nothing and takes nothing. */
  #refill(): void {
    const nowMs = this.#clock.nowMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, nowMs - this.#countedAtMs) * this.#perMs);
    this.#countedAtMs = nowMs;
    this.#heldUntilMs = Math.min(this.#heldUntilMs, nowMs + heldForMs);
  }

  #most(lane: VenueLane): number {
    return this.#burst * (shares[lane] ?? 1);
  }
}
