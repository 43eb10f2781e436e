import {
  type ApprovedOrder,
  type CredentialVault,
  type Instrument,
  instrumentId,
  type OrderIntent,
  type PlaceOutcome,
  type PriceRule,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import type { OutboundMismatch } from '../../venue/outbound-ledger.ts';
import { CcxtVenue, type CcxtVenueOptions } from '../ccxt-venue.ts';
import type { CcxtVenueName } from '../venues.ts';
import { AnswerServer, type ScriptedAnswer, type SeenRequest } from './answer-server.ts';

/** 2026-01-05T12:00:00Z. */
export const noonMs = Date.UTC(2026, 0, 5, 12);

/** Keys of one user in memory. */
export class MemoryVault implements CredentialVault {
  readonly #kept = new Map<string, Readonly<Record<string, string>>>();
  async put(key: { userId: string; venue: string }, secrets: Readonly<Record<string, string>>): Promise<void> {
    this.#kept.set(`${key.userId} ${key.venue}`, secrets);
  }
  async get(key: { userId: string; venue: string }): Promise<Readonly<Record<string, string>> | undefined> {
    return this.#kept.get(`${key.userId} ${key.venue}`);
  }
  async remove(key: { userId: string; venue: string }): Promise<void> {
    this.#kept.delete(`${key.userId} ${key.venue}`);
  }
  async list(): Promise<readonly { venue: string; updatedAtMs: number }[]> {
    return [];
  }
}

/** BTC at a venue. */
export function exampleInstrument(venue: CcxtVenueName, changes: Partial<Instrument> = {}): Instrument {
  const settle = venue === 'hyperliquid' || venue === 'lighter' ? 'USDC' : 'USDT';
  const significant: PriceRule = { kind: 'significant-figures', figures: 5, maxDecimals: 1 };
  return {
    id: instrumentId('BTC-PERP', venue),
    market: 'BTC-PERP',
    venue,
    base: 'BTC',
    quote: settle,
    settle,
    contract: 'linear',
    contractSize: toSize(1),
    priceRule: venue === 'hyperliquid' ? significant : { kind: 'tick', tick: toPrice('0.1') },
    lotSize: venue === 'hyperliquid' || venue === 'lighter' ? toSize('0.00001') : toSize('0.001'),
    minSize: toSize('0.00001'),
    minNotional: toUsd(5),
    marginTiers: [
      {
        notionalFrom: toUsd(0),
        maxLeverage: 40,
        maintenanceMarginRate: toRate('0.0125'),
        maintenanceDeduction: toUsd(0),
      },
    ],
    makerFeeRate: toRate('0.00015'),
    takerFeeRate: toRate('0.00045'),
    fundingIntervalMs: 3_600_000,
    status: 'trading',
    ...changes,
  };
}

const fourDecimals: PriceRule = { kind: 'significant-figures', figures: 5, maxDecimals: 4 };

/** SOL as the simulated Hyperliquid lists it. */
export const simulatedSol = exampleInstrument('hyperliquid', {
  ...{ id: 'SOL-PERP@hyperliquid', market: 'SOL-PERP', base: 'SOL', priceRule: fourDecimals },
  ...{ lotSize: toSize('0.01'), minSize: toSize('0.01'), minNotional: toUsd(10) },
});

/** What answers a request: the first route whose key `METHOD path` matches, each given the request. */
export type Routes = Readonly<Record<string, (request: SeenRequest) => ScriptedAnswer | unknown>>;

const isScripted = (value: unknown): value is ScriptedAnswer =>
  typeof value === 'object' && value !== null && ['json', 'text', 'cut', 'silent'].some((name) => name in value);

/** A live venue in front of a server that answers by a script, on a simulated clock. */
export class LiveDesk {
  readonly clock: SimulatedClock;
  readonly server = new AnswerServer();
  readonly vault = new MemoryVault();
  readonly mismatches: OutboundMismatch[] = [];
  readonly authority: HmacApprovalAuthority;
  readonly instrument: Instrument;
  /** Changed by tests in flight. */
  routes: Routes;
  #venue: CcxtVenue | undefined;
  #made = 0;

  private constructor(venue: CcxtVenueName, routes: Routes) {
    this.clock = new SimulatedClock({ startAtMs: noonMs });
    this.instrument = exampleInstrument(venue);
    this.routes = routes;
    this.authority = new HmacApprovalAuthority({
      clock: this.clock,
      ids: new SortableIdGenerator({ clock: this.clock, random: new SeededRandom('live') }),
    });
  }

  static async run(
    name: CcxtVenueName,
    secrets: Readonly<Record<string, string>>,
    routes: Routes,
    options: Partial<CcxtVenueOptions> = {},
  ): Promise<LiveDesk> {
    const desk = new LiveDesk(name, routes);
    desk.server.answer = (request) => desk.#answer(request);
    const endpoints = await desk.server.start();
    await desk.vault.put({ userId: 'alice', venue: name }, secrets);
    desk.#venue = new CcxtVenue({
      ...{ venue: name, clock: desk.clock, verifier: desk.authority.verifier(), vault: desk.vault, endpoints },
      instruments: () => [desk.instrument],
      onMismatch: (mismatch) => {
        desk.mismatches.push(mismatch);
      },
      ...options,
    });
    await desk.#venue.start();
    desk.server.seen.length = 0;
    return desk;
  }

  get venue(): CcxtVenue {
    if (this.#venue === undefined) throw new Error('not running');
    return this.#venue;
  }

  /** A limit buy of 0.01 at 60,000 unless changed. */
  intent(changes: Partial<OrderIntent> = {}): OrderIntent {
    this.#made += 1;
    return {
      clientOrderId: (0xabc0 + this.#made).toString(16).padStart(32, '1'),
      userId: 'alice',
      venue: this.venue.name,
      instrumentId: this.instrument.id,
      side: 'buy',
      type: 'limit',
      size: toSize('0.01'),
      price: toPrice(60_000),
      timeInForce: 'gtc',
      reduceOnly: false,
      purpose: 'entry',
      origin: 'manual',
      ...changes,
    };
  }

  /** A stop of a long: sell 0.01 when the mark falls to 55,000. */
  stop(changes: Partial<OrderIntent> = {}): OrderIntent {
    const { price: _, ...rest } = this.intent();
    return {
      ...rest,
      ...{ side: 'sell', type: 'stop-market', triggerPrice: toPrice(55_000), reduceOnly: true, purpose: 'stop-loss' },
      ...changes,
    };
  }

  /** A market buy without a worst price. */
  market(changes: Partial<OrderIntent> = {}): OrderIntent {
    const { price: _, ...rest } = this.intent();
    return { ...rest, type: 'market', timeInForce: 'ioc', ...changes };
  }

  approve(intent: OrderIntent): ApprovedOrder {
    return this.authority.mint(intent, 'decision-1');
  }

  place(intent: OrderIntent): Promise<PlaceOutcome> {
    return this.venue.place(this.approve(intent));
  }

  /** What was sent by POST, PUT and DELETE to paths like this. */
  acts(path: RegExp): readonly SeenRequest[] {
    return this.server.seen.filter((request) => request.method !== 'GET' && path.test(request.path));
  }

  async close(): Promise<void> {
    await this.#venue?.stop();
    await this.server.stop();
  }

  #answer(request: SeenRequest): ScriptedAnswer {
    const answer = this.routes[`${request.method} ${request.path}`]?.(request);
    if (answer === undefined) return { json: { unrouted: `${request.method} ${request.path}` }, status: 404 };
    return isScripted(answer) ? answer : { json: answer };
  }
}

/** What became of an order, in a word: the code of a rejection. */
export const codeOf = (outcome: PlaceOutcome | { outcome: string; rejection?: { code: string } }): string =>
  'rejection' in outcome && outcome.rejection !== undefined ? outcome.rejection.code : outcome.outcome;
