import type { Clock, FeedGapReason, StreamStatus } from '@perpdesk/core';
import { PerpDeskError } from '@perpdesk/core';
import type { CcxtClient, SentSubscription } from '@perpdesk/core/ccxt';
import type { FeedTiming } from './feed-timing.ts';
import type { ReconnectGate } from './reconnect-gate.ts';
import type { WatchCall } from './venue-feed.ts';

/** Who is told how a subscription is. */
export interface StreamEvents {
  /** The socket told something of this stream or is taken to be subscribed again after a break. */
  back(): void;
  down(reason: FeedGapReason, error: unknown): void;
  changed(): void;
}

export interface StreamSupervisorOptions {
  readonly clock: Clock;
  readonly client: CcxtClient;
  readonly gate: ReconnectGate;
  readonly timing: FeedTiming;
  readonly symbol: string;
  readonly call: WatchCall;
  /** How long it may say nothing; undefined for one that may be silent for long. */
  readonly silentAfterMs: number | undefined;
  readonly events: StreamEvents;
}

/**
 * Keeps one subscription alive: subscribes, notices when it ends or falls silent, waits for its turn and subscribes again.
 * A stream that is silent on an open socket has the socket dropped, because nothing else ends it.
 */
export class StreamSupervisor {
  readonly #options: StreamSupervisorOptions;
  readonly #stopping = new AbortController();
  #status: StreamStatus['status'] = 'connecting';
  #sent: SentSubscription | undefined;
  #openAtMs: number | undefined;
  #lastWordAtMs: number | undefined;
  #reconnects = 0;
  #refusals = 0;
  #dropReason: FeedGapReason | undefined;
  #running: Promise<void> | undefined;
  #away = true;

  constructor(options: StreamSupervisorOptions) {
    this.#options = options;
  }

  get status(): StreamStatus['status'] {
    return this.#status;
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  /** What was sent to subscribe, and where; undefined while not subscribed. */
  get subscription(): SentSubscription | undefined {
    return this.#sent;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped'));
    this.#sent = undefined;
    await this.#running;
  }

  /** A word came on this stream. */
  heard(nowMs: number): void {
    this.#lastWordAtMs = nowMs;
    if (this.#status === 'live' || this.#stopping.signal.aborted || this.#sent === undefined) return;
    this.#become('live');
    this.#comeBack();
  }

  /** Looks for silence and for subscriptions that were taken without a word. */
  tick(nowMs: number): void {
    const { client, timing, silentAfterMs } = this.#options;
    const sent = this.#sent;
    if (sent === undefined || this.#stopping.signal.aborted) return;
    if (this.#openAtMs === undefined && client.sockets.isOpen(sent.url) && client.sockets.wasSent(sent))
      this.#openAtMs = nowMs;
    if (this.#openAtMs === undefined) return;
    if (this.#status === 'connecting' && silentAfterMs === undefined && nowMs - this.#openAtMs >= timing.settleMs) {
      this.#become('live');
      this.#comeBack();
    }
    if (silentAfterMs === undefined) return;
    const patience = this.#lastWordAtMs === undefined ? Math.max(silentAfterMs, timing.firstWordMs) : silentAfterMs;
    if (nowMs - Math.max(this.#lastWordAtMs ?? 0, this.#openAtMs) < patience) return;
    this.#become('stale');
    this.drop('silent');
  }

  /** Ends the socket, so that it begins anew. */
  drop(reason: FeedGapReason): void {
    const url = this.#sent?.url;
    if (url === undefined) return;
    this.#dropReason = reason;
    this.#options.client.sockets.drop(url, `a stream was ${reason}`);
  }

  #comeBack(): void {
    if (!this.#away) return;
    this.#away = false;
    this.#options.gate.succeeded();
    this.#options.events.back();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (!signal.aborted) {
      let failure: unknown;
      try {
        await this.#options.gate.turn(signal);
        const watching = this.#options.client.watch(
          (exchange) => this.#options.call(exchange, this.#options.symbol),
          (sent) => this.#subscribed(sent),
        );
        await Promise.race([watching, stopped]);
        // ccxt answered by itself, which it does for what is not ours to read; the subscription holds.
        await this.#options.clock.sleep(0, { signal });
        continue;
      } catch (error) {
        failure = error;
      }
      if (signal.aborted) return;
      this.#fail(failure);
      if (isRefusal(failure)) await this.#waitAfterRefusal(signal);
      else this.#options.gate.failed();
    }
  }

  #subscribed(sent: SentSubscription): void {
    if (this.#stopping.signal.aborted) return;
    // A subscription that is watched on is none that begins.
    if (this.#sent?.url === sent.url) return;
    this.#sent = sent;
    if (this.#status === 'down') this.#become('connecting');
    this.#openAtMs = undefined;
    this.#lastWordAtMs = undefined;
  }

  #fail(error: unknown): void {
    const reason = this.#dropReason ?? 'disconnected';
    this.#dropReason = undefined;
    this.#sent = undefined;
    this.#openAtMs = undefined;
    this.#away = true;
    this.#reconnects += 1;
    this.#become('down');
    this.#options.events.down(reason, error);
  }

  /** What a venue refuses of one market concerns no other; it is asked again ever more seldom. */
  async #waitAfterRefusal(signal: AbortSignal): Promise<void> {
    const { clock, timing } = this.#options;
    this.#refusals += 1;
    const pauseMs = Math.min(timing.longestBackoffMs, timing.firstBackoffMs * 2 ** Math.min(20, this.#refusals));
    await clock.sleep(pauseMs, { signal }).catch(() => {});
  }

  #become(status: StreamStatus['status']): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#options.events.changed();
  }
}

const isRefusal = (error: unknown): boolean => PerpDeskError.is(error) && !error.retryable;
