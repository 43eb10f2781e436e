import type { Clock } from '@perpdesk/core';

/** What one address of the internet and one account may do. Defaults are the venue's. */
export interface RateLimits {
  /** Weight a minute of all HTTP requests of one address. Default 1,200. */
  readonly weightPerMinute: number;
  /** Messages a minute over all sockets of one address. Default 2,000. */
  readonly messagesPerMinute: number;
  /** Sockets of one address. Default 100. */
  readonly sockets: number;
  /** Subscriptions of one address. Default 1,000. */
  readonly subscriptions: number;
  /** Different users in the subscriptions of one address. Default 10. */
  readonly subscribedUsers: number;
  /** Requests by socket that wait for their answer. Default 100. */
  readonly postsInFlight: number;
  /** Actions an account may do before it has traded; each dollar traded adds one. Default 10,000. */
  readonly actionsBeforeTrading: number;
}

/** The limits of the venue (hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits). */
export const venueRateLimits: RateLimits = {
  weightPerMinute: 1_200,
  messagesPerMinute: 2_000,
  sockets: 100,
  subscriptions: 1_000,
  subscribedUsers: 10,
  postsInFlight: 100,
  actionsBeforeTrading: 10_000,
};

/** No limit at all. */
export const unlimited: RateLimits = {
  weightPerMinute: Infinity,
  messagesPerMinute: Infinity,
  sockets: Infinity,
  subscriptions: Infinity,
  subscribedUsers: Infinity,
  postsInFlight: Infinity,
  actionsBeforeTrading: Infinity,
};

const minuteMs = 60_000;

interface Spent {
  sinceMs: number;
  weight: number;
  messages: number;
}

/** Counts what each address and account has used, by the minute of the exchange's clock. */
export class RateLimiter {
  readonly limits: RateLimits;
  readonly #clock: Clock;
  readonly #spent = new Map<string, Spent>();
  readonly #actions = new Map<string, number>();

  constructor(limits: RateLimits, clock: Clock) {
    this.limits = limits;
    this.#clock = clock;
  }

  /** Takes weight of an address's minute; false when there is none left. */
  takeWeight(address: string, weight: number): boolean {
    const spent = this.#of(address);
    if (spent.weight + weight > this.limits.weightPerMinute) return false;
    spent.weight += weight;
    return true;
  }

  /** Adds what an answer turned out to cost: it counts against the requests after it. */
  addWeight(address: string, weight: number): void {
    this.#of(address).weight += weight;
  }

  takeMessage(address: string): boolean {
    const spent = this.#of(address);
    spent.messages += 1;
    return spent.messages <= this.limits.messagesPerMinute;
  }

  /** Counts actions of an account; the venue's words when it has used more than its trading allows. */
  takeActions(account: string, count: number, tradedUsd: number): string | undefined {
    const used = this.actionsOf(account) + count;
    const cap = Math.floor(this.limits.actionsBeforeTrading + tradedUsd);
    if (used > cap) {
      return `Too many cumulative requests sent (${used} > ${cap}) for cumulative volume traded $${tradedUsd.toFixed(2)}. Place taker orders to free up 1 request per USDC traded.`;
    }
    this.#actions.set(account, used);
    return undefined;
  }

  actionsOf(account: string): number {
    return this.#actions.get(account) ?? 0;
  }

  #of(address: string): Spent {
    const nowMs = this.#clock.nowMs();
    let spent = this.#spent.get(address);
    if (spent === undefined || nowMs - spent.sinceMs >= minuteMs) {
      spent = { sinceMs: nowMs, weight: 0, messages: 0 };
      this.#spent.set(address, spent);
    }
    return spent;
  }
}
