import type { Exchange } from 'ccxt';
import type { HttpTransport } from './account-requests.ts';

/** A socket that was opened for a client. */
export interface OpenedSocket {
  send(text: string): void;
  /** Ends it; `closed` of its events follows or has come. */
  close(): void;
}

/**
 * Opens a socket another way than Node's, and keeps it alive where it has to be: ccxt's own pings go by the machine's clock, which
 * need not be the desk's. What happens to it is told by `events`, never inside the call itself.
 */
export type SocketOpener = (
  url: string,
  events: { open(): void; message(text: string): void; closed(code: number): void },
) => OpenedSocket;

/** What is set of ccxt's socket clients. */
interface WiredClient {
  readonly url: string;
  connection?: unknown;
  /** How often it pings, ms of the machine's clock; 0: never. */
  keepAlive?: number;
  createConnection(): void;
  onOpen(): void;
  onMessage(event: { readonly data: string }): void;
  onClose(event: { readonly code: number }): void;
}

const connecting = 0;
const open = 1;
const closed = 3;

/** Sends what ccxt itself requests by `transport`. */
export function injectTransport(exchange: Exchange, transport: HttpTransport): void {
  exchange.undiciRequest = async (url, params) => {
    const { status, text } = await transport(
      {
        url: String(url),
        method: String(params.method),
        headers: Object(params.headers),
        body: String(params.body ?? ''),
      },
      params.signal,
    );
    return {
      status,
      statusText: '',
      headers: {},
      text: async () => text,
      arrayBuffer: async () => new TextEncoder().encode(text).buffer,
    };
  };
}

/** Connects ccxt's sockets by `openSocket`. */
export function injectSockets(exchange: Exchange, openSocket: SocketOpener): void {
  const makeClient = exchange.client.bind(exchange);
  const wired = new WeakSet<object>();
  Object.assign(exchange, {
    client(url: string): unknown {
      const client: unknown = makeClient(url);
      if (isWired(client) && !wired.has(client)) {
        wired.add(client);
        client.keepAlive = 0;
        client.createConnection = () => connect(client, openSocket);
      }
      return client;
    },
  });
}

function connect(client: WiredClient, openSocket: SocketOpener): void {
  let state = connecting;
  const end = (code: number): void => {
    if (state === closed) return;
    state = closed;
    client.onClose({ code });
  };
  const socket = openSocket(client.url, {
    open() {
      if (state !== connecting) return;
      state = open;
      client.onOpen();
    },
    message(text) {
      if (state === open) client.onMessage({ data: text });
    },
    closed: end,
  });
  const close = (): void => {
    socket.close();
    end(1000);
  };
  client.connection = {
    get readyState() {
      return state;
    },
    send(text: string, _options: unknown, done?: (error?: Error) => void) {
      if (state !== open) return done?.(new Error('the socket is not open'));
      socket.send(text);
      done?.();
    },
    close,
    terminate: close,
    ping() {},
  };
}

const isWired = (client: unknown): client is WiredClient =>
  typeof Reflect.get(Object(client), 'createConnection') === 'function';
