import {
  type Account,
  type Clock,
  type Decimal,
  type Fill,
  type InstrumentId,
  type Logger,
  type MarginMode,
  type Order,
  type Position,
  toPrice,
  toRate,
  toSize,
  toUsd,
  type VenueBudget,
  VenueError,
  type VenueLane,
} from '@perpdesk/core';
import type { CcxtClient } from '@perpdesk/core/ccxt';
import { AccountFunding } from './account-funding.ts';
import { FillTape } from './fill-tape.ts';
import { type NativeFill, type NativeOrder, type NativePosition, orderOf } from './native-order.ts';
import { OrderRefs } from './order-refs.ts';
import { ReplacedOrders } from './replaced-orders.ts';
import type { TradedMarket, TradedMarkets } from './traded-markets.ts';
import type { AccountSetting, VenueAdapter } from './venue-adapter.ts';
import { VenueWire } from './venue-wire.ts';

/** How long a setting that was read counts before it is read again, ms: it may be changed by hand. */
const settingHoldsMs = 60_000;
/** How far back fills are asked for again: they may be told late. */
const overlapMs = 5_000;
/** How long fills that were read count as all there are, ms, for sums that are told and not acted on. */
const fillsHoldMs = 1_000;

/** What one user's account is opened with. */
export interface AccountSessionOptions {
  readonly userId: string;
  readonly name: string;
  readonly adapter: VenueAdapter;
  readonly client: CcxtClient;
  readonly identity: string;
  readonly markets: TradedMarkets;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget?: VenueBudget | undefined;
  /** From when fills, fees, profits and funding are counted. */
  readonly sinceMs: number;
  readonly recallClientOrderId?: ((prefix: string) => Promise<string | undefined>) | undefined;
}

/** Which order is to be made whole. */
interface WholeOf {
  readonly clientOrderId: string;
  readonly market: TradedMarket;
  /** Has its fills read whatever was read before: nothing that fills more must be sent by what is remembered. */
  readonly anew?: boolean;
}

/** One user's account at the venue: its connection, and its orders, fills and settings as far as they are known. */
export class AccountSession {
  readonly userId: string;
  readonly client: CcxtClient;
  readonly refs: OrderRefs;
  readonly tape = new FillTape();
  readonly funding: AccountFunding;
  /** Orders that were replaced: some venues tell of the old one's end under the id of both. */
  readonly amended = new Set<string>();
  /** Hears of each fill when it is first known, whichever way it came: who reads an account must not keep it from who tells. */
  onFill: (fill: Fill) => void = () => {};
  /** Whether the socket tells of every fill as it happens. */
  isTold: () => boolean = () => false;
  readonly #options: AccountSessionOptions;
  readonly #wire: VenueWire;
  readonly #replaced = new ReplacedOrders();
  readonly #settings = new Map<string, { readonly setting: AccountSetting; readonly atMs: number }>();
  /** What positions were beyond the fills when these were read last: from before them. */
  readonly #older = new Map<InstrumentId, Decimal>();
  /** The newest fill when all were read last: a later one that the socket told says nothing of those before it. */
  #readThroughMs = Number.NEGATIVE_INFINITY;
  #fillsReadAtMs: number | undefined;

  constructor(options: AccountSessionOptions) {
    this.#options = options;
    this.userId = options.userId;
    this.client = options.client;
    this.refs = new OrderRefs(options.adapter);
    this.#wire = new VenueWire({ ...options, nowMs: () => options.clock.nowMs() });
    this.funding = new AccountFunding({ ...options, wire: this.#wire });
  }

  /** The account in a lane of the budget. */
  in(lane: VenueLane, signal?: AbortSignal): VenueWire {
    return this.#wire.in(lane, signal);
  }

  /** Sets leverage and margin mode as an entry was authorised with, when they differ. @throws VenueError */
  async applySetting(market: TradedMarket, leverage: number, wanted: MarginMode): Promise<void> {
    const { adapter, clock } = this.#options;
    const account = this.in('open');
    const kept = this.#settings.get(market.nativeId);
    const fresh = kept !== undefined && clock.nowMs() - kept.atMs < settingHoldsMs;
    const present = fresh ? kept.setting : await adapter.fetchSetting(account, market);
    const otherMode = present.marginMode !== undefined && present.marginMode !== wanted;
    // A position that is there keeps its mode.
    const keepsMode =
      otherMode && (await adapter.fetchPositions(account)).some(({ nativeId }) => nativeId === market.nativeId);
    const marginMode = keepsMode ? undefined : wanted;
    const differs = present.leverage === undefined || !present.leverage.equals(leverage) || (otherMode && !keepsMode);
    // Forgotten first: after a change that failed nobody knows how it stands.
    this.#settings.delete(market.nativeId);
    if (differs) await adapter.applySetting(account, market, { leverage, marginMode, present });
    const setting = differs ? await adapter.fetchSetting(account, market) : present;
    if (setting.leverage !== undefined && !setting.leverage.equals(leverage))
      throw new VenueError('venue.refused', `The leverage is ${setting.leverage} where ${leverage} was authorised.`);
    this.#settings.set(market.nativeId, { setting, atMs: clock.nowMs() });
  }

  async fetchOrder(
    clientOrderId: string,
    market: TradedMarket | undefined,
    signal?: AbortSignal,
  ): Promise<Order | undefined> {
    const native = await this.fetchNative(clientOrderId, market, { signal });
    return native === undefined ? undefined : this.orderOf(native, clientOrderId);
  }

  /** An order as the venue has it. Before new risk is sent by what it says, what filled of it is read `anew`. */
  async fetchNative(
    clientOrderId: string,
    market: TradedMarket | undefined,
    { anew = false, signal }: { readonly anew?: boolean; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<NativeOrder | undefined> {
    const native = await this.#options.adapter.fetchOrder(
      this.in('account', signal),
      this.refs.ref(clientOrderId, market),
    );
    const listed = native === undefined ? undefined : this.#wire.market(native.nativeId);
    if (native !== undefined && listed !== undefined) {
      if (native.clientId !== undefined) this.refs.learn(native.clientId, clientOrderId);
      this.refs.read(native, listed);
      return this.#whole(native, { clientOrderId, market: listed, anew }, signal);
    }
    return native;
  }

  /**
   * An order with what filled of it before it was replaced: where an amendment is a new order of the rest under the same id,
   * the newest alone would look as if nothing had filled, and the next amendment would send the whole again.
   * @throws VenueError when the fills can not be read
   */
  async #whole(
    native: NativeOrder,
    { clientOrderId, market, anew = false }: WholeOf,
    signal?: AbortSignal,
  ): Promise<NativeOrder> {
    if (!this.#mayBePart(native, clientOrderId)) return native;
    if (anew) await this.readFills(signal);
    else await this.#replaced.need(native.venueOrderId, () => this.readFills(signal));
    const before = this.tape.filledBefore(clientOrderId, native.venueOrderId).dividedBy(market.unit);
    if (before.isZero()) return native;
    return {
      ...native,
      size: native.size.plus(before),
      filled: native.filled.plus(before),
      status: native.status === 'open' ? 'partially-filled' : native.status,
    };
  }

  /**
   * Whether an order may be what is left of one that was replaced: not one without an id of its own, nor one that this process
   * sent and never amended. What an earlier process did is not known.
   */
  #mayBePart({ clientId }: NativeOrder, clientOrderId: string): boolean {
    if (this.#options.adapter.amendsRest !== true || clientId === undefined) return false;
    return this.refs.intent(clientOrderId) === undefined || this.amended.has(clientOrderId);
  }

  async fetchOpenOrders(signal?: AbortSignal): Promise<readonly Order[]> {
    const natives = await this.#options.adapter.fetchOpenOrders(this.in('account', signal));
    this.see(natives);
    const orders: Order[] = [];
    for (const native of natives) {
      await this.recall(native.clientId);
      const market = this.#wire.market(native.nativeId);
      if (market === undefined) continue;
      const clientOrderId = this.refs.read(native, market);
      const whole = await this.#whole(native, { clientOrderId, market }, signal);
      const order = this.orderOf(whole, clientOrderId);
      if (order !== undefined) orders.push(order);
    }
    return orders;
  }

  /** Reads fills too where those that are known do not come to what is told. */
  async fetchPositions(signal?: AbortSignal): Promise<readonly Position[]> {
    const natives = await this.#options.adapter.fetchPositions(this.in('account', signal));
    if (!this.#areExplained(natives)) {
      await this.readFills(signal);
      this.#noteUnexplained(natives);
    }
    return natives.flatMap((native) => this.#positionOf(native) ?? []);
  }

  async fetchFills(sinceMs: number, signal?: AbortSignal): Promise<readonly Fill[]> {
    await this.#readFillsSince(sinceMs, signal);
    return this.tape.since(sinceMs);
  }

  async fetchAccount(signal?: AbortSignal): Promise<Account> {
    const { adapter, name, clock } = this.#options;
    const native = await adapter.fetchAccount(this.in('account', signal));
    if (!this.#areFillsFresh()) await this.readFills(signal);
    await this.funding.read(signal);
    const { fees, realizedPnl } = this.tape.sums();
    const funding = this.funding.sum();
    return {
      userId: this.userId,
      venue: name,
      asset: native.asset,
      balance: toUsd(native.balance),
      equity: toUsd(native.equity),
      unrealizedPnl: toUsd(native.unrealizedPnl),
      usedMargin: toUsd(native.usedMargin),
      availableMargin: toUsd(native.availableMargin),
      // What came in is what is there that was not earned, as far back as fills and funding are known.
      deposits: toUsd(native.equity.minus(native.unrealizedPnl).minus(realizedPnl).plus(fees).minus(funding)),
      realizedPnl: toUsd(realizedPnl),
      fees: toUsd(fees),
      funding: toUsd(funding),
      positionMode: native.hedgeMode ? 'hedge' : 'one-way',
      atMs: clock.nowMs(),
    };
  }

  /** Reads the fills that are not known yet. @throws VenueError */
  async readFills(signal?: AbortSignal): Promise<void> {
    await this.#readFillsSince(this.#unreadFromMs(), signal);
  }

  /** Notes that the venue has these orders. */
  see(natives: readonly NativeOrder[]): void {
    if (this.#options.adapter.amendsRest !== true) return;
    for (const { venueOrderId } of natives) this.#replaced.see(venueOrderId);
  }

  /**
   * True when more of an order has filled than is known as fills and is among those that are `coming`. Where an amendment is an order
   * of the rest, what it says has filled is by its fills alone; elsewhere false.
   */
  lacksFills({ filled, nativeId, venueOrderId }: NativeOrder, coming: readonly NativeFill[]): boolean {
    const market = this.#wire.market(nativeId);
    if (this.#options.adapter.amendsRest !== true || market === undefined) return false;
    const known = coming
      .filter((fill) => fill.venueOrderId === venueOrderId && !this.tape.has(fill.id))
      .reduce((sum, { size }) => sum.plus(size), this.tape.filled(venueOrderId).dividedBy(market.unit));
    return known.lessThan(filled);
  }

  #unreadFromMs(): number {
    return Math.max(this.#options.sinceMs, this.#readThroughMs - overlapMs);
  }

  #readFillsSince(sinceMs: number, signal: AbortSignal | undefined): Promise<void> {
    const isWhole = sinceMs <= this.#unreadFromMs();
    const reading = this.#takeFillsSince(sinceMs, isWhole, signal);
    // One that begins later leaves a gap: it does not count as all there are.
    if (isWhole) this.#replaced.reading(reading);
    return reading;
  }

  async #takeFillsSince(sinceMs: number, isWhole: boolean, signal: AbortSignal | undefined): Promise<void> {
    const { adapter, clock } = this.#options;
    const askedAtMs = clock.nowMs();
    for (const native of await adapter.fetchFills(this.in('account', signal), sinceMs)) await this.takeFill(native);
    if (!isWhole) return;
    this.#readThroughMs = this.tape.lastAtMs() ?? sinceMs;
    this.#fillsReadAtMs = askedAtMs;
  }

  /** True while the socket tells of every fill, and shortly after all were read. */
  #areFillsFresh(): boolean {
    const readAtMs = this.#fillsReadAtMs;
    return readAtMs !== undefined && (this.isTold() || this.#options.clock.nowMs() < readAtMs + fillsHoldMs);
  }

  /** True when the known fills come to the positions that are told, but for what is older than they are. */
  #areExplained(natives: readonly NativePosition[]): boolean {
    return (
      this.#fillsReadAtMs !== undefined &&
      [...this.#remainders(natives)].every(([id, left]) => left.equals(this.#older.get(id) ?? 0))
    );
  }

  #noteUnexplained(natives: readonly NativePosition[]): void {
    for (const [id, left] of this.#remainders(natives)) this.#older.set(id, left);
  }

  /** What each position is beyond the known fills. */
  #remainders(natives: readonly NativePosition[]): ReadonlyMap<InstrumentId, Decimal> {
    const left = new Map(this.tape.instruments().map((id) => [id, this.tape.net(id).negated()]));
    for (const { nativeId, signedSize } of natives) {
      const market = this.#wire.market(nativeId);
      if (market === undefined) continue;
      const { id } = market.instrument;
      left.set(id, signedSize.times(market.unit).plus(left.get(id) ?? 0));
    }
    return left;
  }

  /** Takes a fill from wherever it came; undefined when it is known or of no market of ours. */
  async takeFill(native: NativeFill): Promise<Fill | undefined> {
    await this.recall(native.clientId);
    const fill = this.#fillOf(native);
    if (fill === undefined || !this.tape.add(fill)) return undefined;
    this.onFill(fill);
    return fill;
  }

  /** Finds out which of our ids the venue's short form stands for, where it alone does not say. */
  async recall(clientId: string | undefined): Promise<void> {
    const { recallClientOrderId, logger } = this.#options;
    if (clientId === undefined || recallClientOrderId === undefined || this.refs.knows(clientId)) return;
    const found = await recallClientOrderId(clientId).catch((error: unknown) => {
      logger.warn({ error, userId: this.userId }, 'the id of an order could not be recalled');
      return undefined;
    });
    if (found !== undefined) this.refs.learn(clientId, found);
  }

  /** An order as read, in our terms; undefined when it is of no market of ours. */
  orderOf(native: NativeOrder, id?: string): Order | undefined {
    const market = this.#wire.market(native.nativeId);
    if (market === undefined) return undefined;
    const clientOrderId = id ?? this.refs.read(native, market);
    const order = orderOf(native, market, {
      userId: this.userId,
      clientOrderId,
      intent: this.refs.intent(clientOrderId),
    });
    return { ...order, venue: this.#options.name };
  }

  /** As {@link orderOf}, with what the message leaves open read from the venue. @throws VenueError */
  async orderOfNews(native: NativeOrder): Promise<Order | undefined> {
    await this.recall(native.clientId);
    const told = this.orderOf(native);
    if (told === undefined) return undefined;
    const { clientOrderId } = told;
    const isAmended = this.amended.has(clientOrderId);
    if (native.partial && (isAmended || this.refs.intent(clientOrderId) === undefined))
      return this.fetchOrder(clientOrderId, undefined);
    const market = this.#wire.market(native.nativeId);
    if (!isAmended || market === undefined) return told;
    return this.orderOf(await this.#whole(native, { clientOrderId, market }), clientOrderId);
  }

  #fillOf(native: NativeFill): Fill | undefined {
    const market = this.#wire.market(native.nativeId);
    if (market === undefined) return undefined;
    const notional = native.price.times(native.size).times(market.unit);
    return {
      id: native.id,
      userId: this.userId,
      venue: this.#options.name,
      instrumentId: market.instrument.id,
      clientOrderId: this.refs.idOf(native.clientId, native.venueOrderId),
      venueOrderId: native.venueOrderId,
      side: native.side,
      price: toPrice(native.price),
      size: toSize(native.size.times(market.unit)),
      fee: toUsd(native.fee),
      feeRate: toRate(notional.isZero() ? 0 : native.fee.dividedBy(notional).toDecimalPlaces(10)),
      liquidity: native.maker ? 'maker' : 'taker',
      realizedPnl: toUsd(native.realizedPnl ?? 0),
      reason: native.reason,
      atMs: native.atMs,
    };
  }

  #positionOf(native: NativePosition): Position | undefined {
    const market = this.#wire.market(native.nativeId);
    if (market === undefined) {
      const { logger, name } = this.#options;
      logger.warn(
        { userId: this.userId, venue: name, market: native.nativeId },
        'a position is of no instrument that is known',
      );
      return undefined;
    }
    const size = native.signedSize.abs().times(market.unit);
    const opening = this.tape.opening(market.instrument.id, native.signedSize.times(market.unit));
    const mark =
      native.markPrice ?? native.entryPrice.plus(native.unrealizedPnl.dividedBy(native.signedSize.times(market.unit)));
    const openedAtMs = opening.atMs ?? native.updatedAtMs ?? 0;
    return {
      userId: this.userId,
      venue: this.#options.name,
      instrumentId: market.instrument.id,
      direction: native.signedSize.isNegative() ? 'short' : 'long',
      size: toSize(size),
      entryPrice: toPrice(native.entryPrice),
      markPrice: toPrice(mark.toSignificantDigits(15)),
      leverage: native.leverage.toNumber(),
      marginMode: native.marginMode,
      margin: toUsd(native.margin ?? size.times(native.entryPrice).dividedBy(native.leverage)),
      unrealizedPnl: toUsd(native.unrealizedPnl),
      realizedPnl: toUsd(opening.realizedPnl),
      ...(native.liquidationPrice === undefined ? {} : { liquidationPrice: toPrice(native.liquidationPrice) }),
      openedAtMs,
      updatedAtMs: native.updatedAtMs ?? openedAtMs,
    };
  }
}
