import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, ConfigError, SystemClock } from '@perpdesk/core';
import { proxiedRequest } from './proxied-request.ts';
import { type ProxiedSocket, proxiedSocket } from './proxied-socket.ts';
import type { ProxyRule } from './proxy-rule.ts';
import { ProxyScript } from './proxy-script.ts';

/** Options of {@link FaultProxy}. */
export interface FaultProxyOptions {
  /** The venue: `http://127.0.0.1:8080`, `wss://api.hyperliquid.xyz`. Its path is the client's. */
  readonly target: string;
  readonly rules?: readonly ProxyRule[];
  /** The same seed strikes the same messages in the same order. Default 1. */
  readonly seed?: string | number;
  readonly clock?: Clock;
  /** Default 0: any free one. */
  readonly port?: number;
}

/**
 * A bad network in front of any venue: HTTP and WebSockets pass through it and are cut, frozen, delayed, dripped, doubled,
 * reordered, corrupted or answered with an error after they were forwarded. It listens on the loopback address, without TLS.
 *
 * @example
 * await using proxy = new FaultProxy({ target: exchange.url, rules: [{ kind: 'server-error', containing: '"type":"order"' }] });
 * await proxy.start();
 */
export class FaultProxy implements AsyncDisposable {
  /** What goes wrong; rules can be added and taken away at any time. */
  readonly script: ProxyScript;
  readonly #target: URL;
  readonly #portWanted: number;
  readonly #server: Server;
  readonly #sockets = new Set<ProxiedSocket>();

  constructor(options: FaultProxyOptions) {
    this.script = new ProxyScript(options.rules ?? [], options.seed ?? 1);
    this.#target = new URL(options.target);
    this.#portWanted = options.port ?? 0;
    const parts = { target: this.#target, script: this.script, clock: options.clock ?? new SystemClock() };
    this.#server = createServer((request, response) => void proxiedRequest(request, response, parts));
    this.#server.on('upgrade', (request, client, head) => {
      const link = proxiedSocket(request, client, head, { ...parts, ended: () => this.#sockets.delete(link) });
      this.#sockets.add(link);
    });
  }

  /** Begins to listen. @throws Error when the port is taken. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#portWanted, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** The address to give clients instead of the venue's. @throws ConfigError `fault-proxy.stopped` unless started. */
  get url(): string {
    const address = this.#server.address() as AddressInfo | null;
    if (address === null) throw new ConfigError('fault-proxy.stopped', 'The proxy has no address until it is started.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** The same for WebSockets, without a path. @throws ConfigError `fault-proxy.stopped` unless started. */
  get wsUrl(): string {
    return this.url.replace('http', 'ws');
  }

  /** Ends every WebSocket without a word. */
  cutSockets(): void {
    for (const link of [...this.#sockets]) link.cut();
  }

  /** Keeps every WebSocket and passes nothing any more. */
  freezeSockets(): void {
    for (const link of this.#sockets) link.freeze();
  }

  async stop(): Promise<void> {
    this.cutSockets();
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
