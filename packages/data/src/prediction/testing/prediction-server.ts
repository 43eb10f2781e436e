import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What a route answers with: JSON, or a status alone. */
export type Answer = (query: URLSearchParams) => unknown;

/** A prediction market on this machine: answers by path, and a socket that says what it is told to. */
export class PredictionServer {
  /** By the beginning of the path. */
  readonly routes = new Map<string, Answer>();
  readonly asked: string[] = [];
  /** Subscriptions as they came. */
  readonly subscribed: unknown[] = [];
  /** Said to each new subscription. */
  greeting: (tokens: readonly string[]) => readonly unknown[] = () => [];
  readonly #sockets = new Set<WebSocket>();
  readonly #draining: (() => void)[] = [];
  readonly #waiting: { count: number; done: () => void }[] = [];
  readonly #http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local');
    this.asked.push(`${pathname}?${searchParams}`);
    const route = [...this.routes.keys()]
      .filter((path) => pathname.startsWith(path))
      .sort((a, b) => b.length - a.length)[0];
    answer(response, route === undefined ? undefined : this.routes.get(route)?.(searchParams));
  });
  readonly #ws = new WebSocketServer({ server: this.#http });

  async start(): Promise<{ readonly http: string; readonly ws: string }> {
    this.#ws.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (this.#sockets.size === 0) for (const done of this.#draining.splice(0)) done();
      });
      socket.on('message', (data) => this.#hear(socket, String(data)));
    });
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    const { port } = this.#http.address() as AddressInfo;
    return { http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
  }

  /** Says something on every socket. */
  say(...messages: readonly unknown[]): void {
    for (const socket of this.#sockets)
      for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Breaks every socket. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** Resolves once no socket is open. */
  async drained(): Promise<void> {
    if (this.#sockets.size > 0) await new Promise<void>((done) => this.#draining.push(done));
  }

  /** Resolves once so many subscriptions came in all. */
  async subscriptions(count: number): Promise<void> {
    if (this.subscribed.length >= count) return;
    await new Promise<void>((done) => this.#waiting.push({ count, done }));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#ws.close(resolve));
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #hear(socket: WebSocket, text: string): void {
    if (text === 'PING') {
      socket.send('PONG');
      return;
    }
    const message = JSON.parse(text) as { assets_ids: string[] };
    this.subscribed.push(message);
    for (const one of this.greeting(message.assets_ids)) socket.send(JSON.stringify(one));
    for (const { count, done } of this.#waiting) if (this.subscribed.length >= count) done();
  }
}

function answer(response: ServerResponse, body: unknown): void {
  if (body === undefined) response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not_found"}');
  else if (typeof body === 'number') response.writeHead(body).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
