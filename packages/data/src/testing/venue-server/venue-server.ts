import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '@perpdesk/core';
import { type WebSocket, WebSocketServer } from 'ws';
import { FaultInjector, type FaultRates } from './fault-injector.ts';
import type { VenueProtocol, VenueRequest } from './venue-protocol.ts';

/** What may go wrong, and by what chance. */
export interface VenueFaults {
  readonly random: Random;
  readonly frames: FaultRates;
  /** See {@link FaultInjector}. */
  readonly tampers: (stream: string) => boolean;
  /** How many of all requests that may fail (see `mayFail`) get 503, 429 or no answer, the connection gone after a while, 0 to 1. */
  readonly requests: number;
  /** Never more failures than this in a row. */
  readonly requestsInARow: number;
  readonly mayFail: (request: VenueRequest) => boolean;
}

/** How long an answer that never comes is waited for. */
const hangUpAfterMs = 100;

interface Listener {
  readonly socket: WebSocket;
  readonly streams: Set<string>;
  readonly injector: FaultInjector | undefined;
  stalled: boolean;
}

/**
 * A venue on loopback, HTTP and sockets, that real clients connect to: answers as its protocol says and tells frames to who
 * has opened their stream, through faults where a test wants them.
 */
export class VenueServer {
  /** How often which fault was made, and how many sockets and requests there were. */
  readonly counts: Record<string, number> = {};
  /** Told of each frame that went out whole on an open socket. */
  onDelivered: (stream: string, text: string) => void = () => {};
  readonly #protocol: VenueProtocol;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #listeners = new Set<Listener>();
  #faults: VenueFaults | undefined;
  #failedInARow = 0;
  #waiting: (() => void)[] = [];

  constructor(options: { readonly protocol: VenueProtocol; readonly faults?: VenueFaults }) {
    this.#protocol = options.protocol;
    this.#faults = options.faults;
    this.#http = createServer((request, response) => {
      void this.#answer(request, response);
    });
    this.#sockets = new WebSocketServer({ server: this.#http, perMessageDeflate: false });
    this.#sockets.on('connection', (socket) => this.#accept(socket));
  }

  async listen(): Promise<{ readonly http: string; readonly ws: string }> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    const { port } = this.#http.address() as AddressInfo;
    return { http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
  }

  async close(): Promise<void> {
    for (const { socket } of this.#listeners) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** From now on nothing goes wrong any more. Sockets that were made silent are ended. */
  heal(): void {
    this.#faults = undefined;
    for (const listener of this.#listeners) if (listener.stalled) listener.socket.terminate();
  }

  /** The streams that somebody hears. */
  streams(): ReadonlySet<string> {
    return new Set([...this.#listeners].flatMap(({ streams }) => [...streams]));
  }

  /** Resolves once all these streams are heard by somebody. */
  async heard(streams: readonly string[]): Promise<void> {
    while (!streams.every((stream) => this.streams().has(stream))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Tells a frame to all who hear its stream. */
  tell(stream: string, text: string): void {
    for (const listener of this.#listeners) {
      if (listener.stalled || !listener.streams.has(stream)) continue;
      const { send, due, fault } =
        this.#faults === undefined || listener.injector === undefined
          ? { send: [text], due: [], fault: undefined }
          : listener.injector.next({ stream, text });
      if (fault !== undefined) this.#count(fault);
      if (fault === 'cut') {
        listener.socket.terminate();
        this.#listeners.delete(listener);
        continue;
      }
      if (fault === 'stall') listener.stalled = true;
      if (fault === undefined || fault === 'duplicate') this.onDelivered(stream, text);
      for (const frame of send) listener.socket.send(frame);
      for (const held of due) {
        this.onDelivered(held.stream, held.text);
        listener.socket.send(held.text);
      }
    }
  }

  /** Resolves once every socket has read all that was sent to it: frames are read in order, and a ping last. */
  async settle(): Promise<void> {
    await Promise.all(
      [...this.#listeners].map(
        ({ socket }) =>
          new Promise<void>((resolve) => {
            if (socket.readyState !== socket.OPEN) return resolve();
            const settled = (): void => {
              socket.off('pong', settled);
              socket.off('close', settled);
              resolve();
            };
            socket.on('pong', settled);
            socket.on('close', settled);
            socket.ping();
          }),
      ),
    );
  }

  #accept(socket: WebSocket): void {
    this.#count('sockets');
    const faults = this.#faults;
    const injector = faults && new FaultInjector(faults.random, faults.frames, faults.tampers);
    const listener: Listener = { socket, streams: new Set(), injector, stalled: false };
    this.#listeners.add(listener);
    socket.on('close', () => this.#listeners.delete(listener));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      const { replies, opened, closed } = this.#protocol.hear(String(data));
      for (const reply of replies) socket.send(reply);
      for (const stream of closed) listener.streams.delete(stream);
      for (const stream of opened) {
        listener.streams.add(stream);
        for (const frame of this.#protocol.greet?.(stream) ?? []) socket.send(frame);
      }
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: VenueRequest = {
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: Buffer.concat(chunks).toString(),
    };
    this.#count('requests');
    if (this.#fail(request, response)) return;
    const answer = await this.#answerOf(request);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    if (answer === undefined) this.#count(`unanswered ${request.method} ${request.path}`);
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? { msg: 'not found' }));
  }

  /** A protocol that throws is a mistake of the test: counted, and answered as nothing. */
  async #answerOf(request: VenueRequest): Promise<unknown> {
    try {
      return await this.#protocol.answer(request);
    } catch (error) {
      this.#count(`failed ${request.path}: ${error instanceof Error ? error.message : 'unknown'}`);
      return undefined;
    }
  }

  #fail(request: VenueRequest, response: ServerResponse): boolean {
    const faults = this.#faults;
    if (faults === undefined || !faults.mayFail(request)) return false;
    const fails = faults.random.next() < faults.requests && this.#failedInARow < faults.requestsInARow;
    this.#failedInARow = fails ? this.#failedInARow + 1 : 0;
    if (!fails) return false;
    const how = faults.random.next();
    if (how < 0.2) {
      this.#count('http hang-up');
      // Said after a while: nothing, and the connection is gone.
      setTimeout(() => response.destroy(), hangUpAfterMs);
      return true;
    }
    const status = how < 0.6 ? 429 : 503;
    this.#count(`http ${status}`);
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' });
    response.end('{"code":-1003,"msg":"too much"}');
    return true;
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}
