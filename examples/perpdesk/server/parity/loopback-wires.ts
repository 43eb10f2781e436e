import type { HttpTransport, OpenedSocket, SocketOpener } from '@perpdesk/core/ccxt';
import type { ProcessClock, SimulatedTime } from '../simulation/simulated-time.ts';

/** Options of {@link LoopbackWires}. */
export interface LoopbackWiresOptions {
  readonly time: SimulatedTime;
  /** The desk's. */
  readonly clock: ProcessClock;
}

/** The venue ends a socket that was silent for a minute; ccxt keeps one alive by the machine's clock, here it is simulated time that passes. */
const keepAliveMs = 30_000;

/** What Hyperliquid's sockets are asked and answer when nothing else is to be said. */
const ping = JSON.stringify({ method: 'ping' });
const isPong = (text: string): boolean => text.startsWith('{"channel":"pong"');

/**
 * Real HTTP and real sockets of a desk on simulated time. While a request is with the server and while a message is in the
 * machine's network, simulated time stands still; what they take in the simulated world is `latencyMs`, each way.
 *
 * A socket keeps its order: what a server has sent before it answers a ping has arrived when the answer has.
 */
export class LoopbackWires {
  /** How long a request, an answer or a message is on its way, ms of simulated time. */
  latencyMs = 0;
  readonly #time: SimulatedTime;
  readonly #clock: ProcessClock;
  readonly #sockets = new Set<LoopbackSocket>();
  #requests = 0;
  #messages = 0;

  constructor({ time, clock }: LoopbackWiresOptions) {
    this.#time = time;
    this.#clock = clock;
  }

  /** How many requests were answered and messages of sockets came. */
  get counts(): { readonly requests: number; readonly messages: number } {
    return { requests: this.#requests, messages: this.#messages };
  }

  readonly transport: HttpTransport = async ({ url, method, headers, body }, signal) => {
    await this.#travel();
    const answer = await this.#time.solid(async () => {
      const response = await fetch(url, {
        method,
        headers,
        signal,
        redirect: 'error',
        ...(body === '' ? {} : { body }),
      });
      const text = await response.text();
      await this.#arrived();
      return { status: response.status, text };
    });
    this.#requests += 1;
    await this.#travel();
    return answer;
  };

  readonly openSocket: SocketOpener = (url, events): OpenedSocket => {
    const socket = new LoopbackSocket(url, {
      open: () => events.open(),
      message: (text) => {
        this.#messages += 1;
        this.#later(() => events.message(text));
      },
      closed: (code) => {
        this.#sockets.delete(socket);
        this.#later(() => events.closed(code));
      },
    });
    this.#sockets.add(socket);
    void this.#time.solid(() => socket.opened);
    this.#keepAlive(socket);
    return {
      send: (text) => {
        socket.send(text);
        this.settle();
      },
      close: () => socket.close(),
    };
  };

  /** Keeps simulated time standing until all that was sent so far has arrived. Called when the other side says something. */
  settle(): void {
    void this.#time.solid(() => this.#arrived());
  }

  #keepAlive(socket: LoopbackSocket): void {
    this.#clock.setTimer(keepAliveMs, () => {
      if (!this.#sockets.has(socket)) return;
      void this.#time.solid(() => socket.arrived());
      this.#keepAlive(socket);
    });
  }

  async #arrived(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => socket.arrived()));
  }

  async #travel(): Promise<void> {
    if (this.latencyMs > 0) await this.#clock.travel(this.latencyMs);
  }

  #later(act: () => void): void {
    this.#time.stir();
    if (this.latencyMs === 0) act();
    else this.#clock.setTimer(this.latencyMs, act);
  }
}

/** A socket that can tell when all that was sent to it has come. */
class LoopbackSocket {
  readonly opened: Promise<void>;
  readonly #socket: WebSocket;
  /** Who asked each ping that is not answered yet, oldest first; undefined: the client itself. */
  readonly #asked: ((() => void) | undefined)[] = [];

  constructor(url: string, events: { open(): void; message(text: string): void; closed(code: number): void }) {
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.opened = new Promise((resolve) => {
      socket.addEventListener('open', () => {
        events.open();
        resolve();
      });
      socket.addEventListener('close', ({ code }) => {
        for (const told of this.#asked.splice(0)) told?.();
        events.closed(code);
        resolve();
      });
    });
    socket.addEventListener('message', ({ data }) => {
      const text = String(data);
      const asked = isPong(text) ? this.#asked.shift() : undefined;
      if (asked === undefined) events.message(text);
      else asked();
    });
  }

  send(text: string): void {
    if (text === ping) this.#asked.push(undefined);
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close();
  }

  /** Resolves when all that the server sent so far has come, or the socket has ended. */
  async arrived(): Promise<void> {
    await this.opened;
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    await new Promise<void>((resolve) => {
      this.#asked.push(resolve);
      this.#socket.send(ping);
    });
  }
}
