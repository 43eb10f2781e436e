import { type Clock, ConfigError, type Release, SystemClock, type Usd } from '@perpdesk/core';
import { AccountDirectory } from './accounts/account-directory.ts';
import type { ExchangeEngine } from './engine/exchange-engine.ts';
import { SimulatedExchange } from './engine/simulated-exchange.ts';
import { ExchangeEndpoint, type TradingMode } from './exchange/exchange-endpoint.ts';
import type { UnwantedAction } from './exchange/unwanted-actions.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { FaultScript } from './faults/fault-script.ts';
import { type Delivery, faultyAnswer } from './faults/faulty-answer.ts';
import { ExchangeServer } from './http/http-server.ts';
import { InfoEndpoint } from './info/info-endpoint.ts';
import { RateLimiter, unlimited, venueRateLimits } from './limits/rate-limiter.ts';
import { SimulatedMarket } from './market/simulated-market.ts';
import type { ExchangeCandle } from './records/candle-book.ts';
import type { CandleInterval } from './records/candle-interval.ts';
import { ExchangeRecords } from './records/exchange-records.ts';
import { simulatorFetch } from './simulator-fetch.ts';
import type { HyperliquidSimulatorOptions } from './simulator-options.ts';
import { type SocketParts, SocketSession, type SocketWire } from './socket/socket-session.ts';
import { SubscriptionHub } from './socket/subscription-hub.ts';
import { jsonAnswer, unreadable } from './wire/wire-answer.ts';

/**
 * A local exchange that speaks Hyperliquid's wire protocol over HTTP and WebSocket, with real signatures, a matching engine,
 * limits, and faults on order. Clients of the venue run against it unchanged: give them `url` and `wsUrl`.
 *
 * @example
 * await using exchange = await startSimulator({ accounts: { [address]: toUsd(10_000) }, market: { seed: 7 } });
 * const transport = new HttpTransport({ apiUrl: exchange.url });
 */
export class HyperliquidSimulator implements AsyncDisposable {
  /** The exchange behind the protocol: feed it, read its ledger. */
  readonly engine: ExchangeEngine;
  readonly clock: Clock;
  /** What goes wrong; rules can be added and taken away at any time. */
  readonly faults: FaultScript;
  /** The market that moves by itself, where one was asked for. */
  readonly market: SimulatedMarket | undefined;
  /** A `fetch` that reaches this exchange without a socket. */
  readonly fetch: typeof fetch;
  readonly #options: HyperliquidSimulatorOptions;
  readonly #context: ExchangeContext;
  readonly #info: InfoEndpoint;
  readonly #exchange: ExchangeEndpoint;
  readonly #hub: SubscriptionHub;
  readonly #parts: SocketParts;
  readonly #sessions = new Set<SocketSession>();
  #server: ExchangeServer | undefined;
  #port: number | undefined;
  #cancelTick: Release | undefined;

  constructor(options: HyperliquidSimulatorOptions = {}) {
    this.#options = options;
    this.clock = options.clock ?? new SystemClock();
    this.engine =
      options.engine ??
      new SimulatedExchange({
        clock: this.clock,
        ...(options.assets === undefined ? {} : { assets: options.assets }),
        ...(options.clientIds === undefined ? {} : { clientIds: options.clientIds }),
      });
    this.faults =
      options.faults instanceof FaultScript ? options.faults : new FaultScript({ rules: options.faults ?? [] });
    const limits = options.rateLimits === 'off' ? unlimited : { ...venueRateLimits, ...options.rateLimits };
    this.#context = {
      engine: this.engine,
      clock: this.clock,
      records: new ExchangeRecords(this.engine, this.clock),
      directory: new AccountDirectory(this.engine),
      limiter: new RateLimiter(limits, this.clock),
      specialStatus: null,
    };
    this.#info = new InfoEndpoint(this.#context);
    this.#exchange = new ExchangeEndpoint({ context: this.#context, network: options.network ?? 'mainnet' });
    this.#hub = new SubscriptionHub(this.#context);
    this.#parts = {
      context: this.#context,
      info: this.#info,
      exchange: this.#exchange,
      hub: this.#hub,
      faults: this.faults,
    };
    this.#context.records.onChange((changes) => this.#hub.publish(changes));
    if (options.market) {
      const own = typeof options.market === 'object' ? options.market : {};
      this.market = new SimulatedMarket({ ...own, engine: this.engine, clock: this.clock });
    }
    for (const [account, amount] of Object.entries(options.accounts ?? {})) this.deposit(account, amount);
    this.fetch = simulatorFetch(this.clock, (path, body, remote) => this.#post(path, body, remote));
  }

  /**
   * Begins to move and to listen; after a `stop` again, on the same port, with all that was there, as a venue that restarts.
   * @throws Error when the port is taken.
   */
  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = new ExchangeServer({
      post: (path, body, remote) => this.#post(path, body, remote),
      open: (wire, remote) => this.#open(wire, remote),
    });
    this.#port = await server.listen(this.#port ?? this.#options.port ?? 0);
    this.#server = server;
    this.run();
  }

  /** Begins to move without listening: for clients that are given `fetch` and `connect`. */
  run(): void {
    if (this.#cancelTick !== undefined) return;
    this.market?.start();
    const tick = (): void => {
      this.#settle();
      this.#cancelTick = this.clock.setTimer(this.#options.tickMs ?? 100, tick);
    };
    this.#cancelTick = this.clock.setTimer(this.#options.tickMs ?? 100, tick);
  }

  /** Ends every connection, frees the port, stops the market. */
  async stop(): Promise<void> {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.market?.stop();
    this.dropSockets();
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#context.records.stop();
  }

  /** The HTTP address, without a slash at its end. @throws ConfigError `simulator.stopped` unless started. */
  get url(): string {
    return `http://127.0.0.1:${this.#listening()}`;
  }

  /** The WebSocket address. @throws ConfigError `simulator.stopped` unless started. */
  get wsUrl(): string {
    return `ws://127.0.0.1:${this.#listening()}/ws`;
  }

  /** What clients sent that takes a fee, names a referrer, moves money or gives others rights, oldest first. */
  get unwanted(): readonly UnwantedAction[] {
    return this.#exchange.unwanted;
  }

  /** What the exchange takes: all, post-only orders as after a network upgrade, or nothing but cancellations. */
  get mode(): TradingMode {
    return this.#exchange.mode;
  }

  set mode(mode: TradingMode) {
    this.#exchange.mode = mode;
    this.#context.specialStatus = mode === 'open' ? null : mode;
  }

  /** Credits collateral; the account exists from then on. */
  deposit(account: string, amount: Usd): void {
    this.engine.deposit(account.toLowerCase(), amount);
  }

  /** Lets a wallet act for an account, as `approveAgent` does. `name` empty: the unnamed one. */
  approveAgent(
    master: string,
    agent: string,
    options: { readonly name?: string; readonly validUntilMs?: number } = {},
  ): void {
    const { name = '', validUntilMs } = options;
    this.#context.directory.approveAgent({
      master: master.toLowerCase(),
      address: agent.toLowerCase(),
      name,
      ...(validUntilMs === undefined ? {} : { validUntilMs }),
    });
  }

  /** Lets an account trade for a vault or sub-account (`vaultAddress`). */
  registerVault(vault: string, leader: string): void {
    this.#context.directory.registerVault(vault.toLowerCase(), leader.toLowerCase());
  }

  /** Puts a text before an account's `notification` subscribers. */
  notify(account: string, text: string): void {
    this.#context.records.notify(account.toLowerCase(), text);
  }

  /** Gives a coin a past: candles before those that trades make, oldest first. */
  loadCandles(coin: string, interval: CandleInterval, candles: readonly ExchangeCandle[]): void {
    this.#context.records.candles.load(coin, interval, candles);
  }

  /** Ends every socket without a word, as when the venue restarts. */
  dropSockets(): void {
    for (const session of [...this.#sessions]) session.terminate();
  }

  /** Opens a socket in memory: `receive` takes what the client says, `wire` gets what the exchange says. */
  connect(wire: SocketWire): { receive(text: string): void; ended(): void } | undefined {
    return this.#open(wire, 'memory');
  }

  #listening(): number {
    if (this.#port !== undefined && this.#server !== undefined) return this.#port;
    throw new ConfigError('simulator.stopped', 'The simulator has no address until it is started.');
  }

  #settle(): void {
    const nowMs = this.clock.nowMs();
    this.engine.advance(nowMs);
    this.#context.records.look();
    for (const session of [...this.#sessions]) {
      if (nowMs - session.lastSentAtMs >= (this.#options.idleAfterMs ?? 60_000)) session.close(1000, 'Inactive');
    }
  }

  async #post(path: string, text: string, remote: string): Promise<Delivery> {
    const body = parsed(text);
    if ((path !== '/info' && path !== '/exchange') || body === undefined) {
      return { answer: path === '/info' || path === '/exchange' ? unreadable : jsonAnswer(null, 404), manner: 'whole' };
    }
    const isInfo = path === '/info';
    const verb = String(isInfo ? body.type : (body.action as { type?: unknown } | undefined)?.type);
    return faultyAnswer(this.faults.strike(verb, isInfo ? 'info' : 'exchange'), this.clock, () => {
      this.engine.advance(this.clock.nowMs());
      return isInfo ? this.#info.answer(body, remote) : this.#exchange.answer(body, remote);
    });
  }

  #open(wire: SocketWire, remote: string): { receive(text: string): void; ended(): void } | undefined {
    const mine = [...this.#sessions].filter((session) => session.remote === remote).length;
    if (mine >= this.#context.limiter.limits.sockets) return undefined;
    const session: SocketSession = new SocketSession(this.#parts, wire, remote, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    return {
      receive: (text) => {
        this.engine.advance(this.clock.nowMs());
        session.receive(text);
      },
      ended: () => session.ended(),
    };
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
