import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a request; undefined is 404. */
export type LocalRoute = (request: SeenRequest) => unknown;

/**
 * A venue on this machine: HTTP and WebSocket on one port, all of it said by the test. Knows nothing of any venue's protocol.
 */
export class LocalVenue {
  readonly requests: SeenRequest[] = [];
  /** What clients sent on sockets, parsed where it is JSON. */
  readonly received: { readonly path: string; readonly message: unknown }[] = [];
  /** Connections that were made, by path, in order. */
  readonly connections: string[] = [];
  readonly #routes: Record<string, LocalRoute>;
  readonly #onMessage: (message: unknown, reply: (answer: unknown) => void, path: string) => void;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #paths = new Map<WebSocket, string>();
  readonly #waiting = new Set<() => void>();
  #port = 0;

  private constructor(options: LocalVenueOptions) {
    this.#routes = { ...options.routes };
    this.#onMessage = options.onMessage ?? (() => {});
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://localhost');
        const seen: SeenRequest = {
          method: request.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        this.requests.push(seen);
        const route = this.#routes[url.pathname] ?? this.#routes['*'];
        void Promise.resolve(route?.(seen)).then((answer) => {
          response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
          response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? { code: -1, msg: 'none' }));
          this.#wake();
        });
      });
    });
    this.#sockets = new WebSocketServer({ server: this.#server });
    this.#sockets.on('connection', (socket, request) => {
      const path = request.url ?? '/';
      this.#paths.set(socket, path);
      this.connections.push(path);
      socket.on('close', () => this.#paths.delete(socket));
      socket.on('error', () => {});
      socket.on('message', (data) => {
        const message = parse(String(data));
        this.received.push({ path, message });
        this.#onMessage(message, (answer) => socket.send(toText(answer)), path);
        this.#wake();
      });
      this.#wake();
    });
  }

  static async start(options: LocalVenueOptions = {}): Promise<LocalVenue> {
    const venue = new LocalVenue(options);
    await new Promise<void>((resolve) => venue.#server.listen(0, '127.0.0.1', resolve));
    venue.#port = (venue.#server.address() as AddressInfo).port;
    return venue;
  }

  get endpoints(): { readonly http: string; readonly ws: string } {
    return { http: `http://127.0.0.1:${this.#port}`, ws: `ws://127.0.0.1:${this.#port}` };
  }

  /** Sets what a path answers from now on. */
  route(path: string, route: LocalRoute): void {
    this.#routes[path] = route;
  }

  /** Sends a frame, text as it is, to every socket whose path has `part` in it. */
  send(frame: unknown, part = ''): void {
    for (const [socket, path] of this.#paths) {
      if (path.includes(part) && socket.readyState === WebSocket.OPEN) socket.send(toText(frame));
    }
  }

  /** Ends every socket without a goodbye. */
  cut(): void {
    for (const socket of this.#paths.keys()) socket.terminate();
  }

  get open(): number {
    return this.#paths.size;
  }

  /** Resolves once something holds; looked at whenever a message, a connection or a request came. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  async close(): Promise<void> {
    this.cut();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

export interface LocalVenueOptions {
  /** By path; `*` for all others. */
  readonly routes?: Readonly<Record<string, LocalRoute>>;
  readonly onMessage?: (message: unknown, reply: (answer: unknown) => void, path: string) => void;
}

const toText = (frame: unknown): string => (typeof frame === 'string' ? frame : JSON.stringify(frame));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
