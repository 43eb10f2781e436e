import { type VenueBudget, VenueError, type VenueLane } from '@perpdesk/core';
import type { AccountRequest, CcxtClient } from '@perpdesk/core/ccxt';
import type { TradedMarket, TradedMarkets } from './traded-markets.ts';
import type { VenueAccount, VenueAdapter, VenueRefusal, VenueRequest, WireAnswer } from './venue-adapter.ts';
import { parseExactly, unreadable } from './wire-values.ts';

/** What an account is reached by. */
export interface VenueWireOptions {
  readonly adapter: VenueAdapter;
  readonly client: CcxtClient;
  readonly identity: string;
  readonly markets: TradedMarkets;
  readonly nowMs: () => number;
  /** Told what answers turned out to weigh, and when the venue refuses a request because there were too many. */
  readonly budget?: VenueBudget | undefined;
}

/**
 * The one module through which orders leave: nothing else calls what acts of a client of ccxt. Requests of one wire share a
 * lane of the venue's budget.
 */
export class VenueWire implements VenueAccount {
  readonly #options: VenueWireOptions;
  readonly #lane: VenueLane;
  readonly #signal: AbortSignal | undefined;

  constructor(options: VenueWireOptions, lane: VenueLane = 'account', signal?: AbortSignal) {
    this.#options = options;
    this.#lane = lane;
    this.#signal = signal;
  }

  /** The same account in another lane. */
  in(lane: VenueLane, signal?: AbortSignal): VenueWire {
    return new VenueWire(this.#options, lane, signal);
  }

  get identity(): string {
    return this.#options.identity;
  }

  nowMs(): number {
    return this.#options.nowMs();
  }

  market(nativeId: string): TradedMarket | undefined {
    return this.#options.markets.byNativeId(nativeId);
  }

  markets(): readonly TradedMarket[] {
    return this.#options.markets.all();
  }

  async read({ itemsPerWeight, ...request }: VenueRequest): Promise<unknown> {
    const { adapter, client } = this.#options;
    const { status, text } = await client.readAccount(this.#inLane(request));
    const answer: WireAnswer = { status, json: parseExactly(text) };
    const refusal = this.#refusalOf(answer);
    if (refusal !== undefined) {
      const said = `${refusal.code} ${refusal.message}`.trim().slice(0, 200);
      if (refusal.kind === 'rate-limited')
        throw new VenueError('venue.rate-limited', `${adapter.venue} takes no more requests for now: ${said}`, {
          retryable: true,
        });
      if (refusal.kind === 'refused') throw new VenueError('venue.refused', `${adapter.venue} refused: ${said}`);
      throw new VenueError('venue.unreachable', `${adapter.venue} did not answer: ${said}`, { retryable: true });
    }
    if (answer.json === undefined) throw unreadable(adapter.venue, `status ${status} without JSON`);
    if (itemsPerWeight !== undefined && Array.isArray(answer.json))
      this.#spend(Math.floor(answer.json.length / itemsPerWeight));
    return answer.json;
  }

  async act({ itemsPerWeight: _, ...request }: VenueRequest): Promise<WireAnswer> {
    const { status, text } = await this.#options.client.act(this.#inLane(request));
    const answer: WireAnswer = { status, json: parseExactly(text) };
    this.#refusalOf(answer);
    return answer;
  }

  #refusalOf(answer: WireAnswer): VenueRefusal | undefined {
    const { adapter, budget } = this.#options;
    const refusal = adapter.refusalOf(answer);
    if (refusal?.kind === 'rate-limited') budget?.refused?.();
    return refusal;
  }

  /** Counts what an answer weighed beside its request against what goes after it; nothing waits for that. */
  #spend(weight: number): void {
    if (weight > 0) void this.#options.budget?.acquire(this.#lane, weight);
  }

  #inLane(request: VenueRequest): AccountRequest {
    return { lane: this.#lane, ...(this.#signal === undefined ? {} : { signal: this.#signal }), ...request };
  }
}
