import type { Exchange } from 'ccxt';
import type { CcxtSockets, SentSubscription } from './ccxt-client.ts';
import type { Ccxt } from './load-ccxt.ts';

/** The sockets of an exchange, with what only the client itself may do. */
export interface ExchangeSockets extends CcxtSockets {
  /** Runs something and is told of the first subscription that ccxt makes meanwhile. */
  during<Result>(sent: (subscription: SentSubscription) => void, run: () => Result): Result;
  dropAll(): void;
}

/** What is used of ccxt's socket clients. */
interface SocketClient {
  readonly url: string;
  connection?: { terminate?(): void; readonly readyState?: number };
  error?: unknown;
  readonly subscriptions: Record<string, unknown>;
  readonly futures: Record<string, unknown>;
  future(hash: string): Promise<unknown>;
  reusableFuture(hash: string): Promise<unknown>;
  reject(error: Error, hash: string): void;
  send(message: unknown): Promise<unknown>;
  onError(error: Error): void;
  close(): unknown;
}

const open = 1;

/**
 * Takes hold of an exchange's sockets: sees each subscription as it is sent, and can drop one at once.
 *
 * ccxt sends subscriptions without minding whether that fails, which would end the process as an unhandled rejection when a
 * socket closes in between; here a failed send breaks the socket instead.
 */
export function exchangeSockets(ccxt: Ccxt, exchange: Exchange): ExchangeSockets {
  let listener: ((subscription: SentSubscription) => void) | undefined;
  const clients = (): Record<string, SocketClient> => (Reflect.get(exchange, 'clients') ?? {}) as never;
  const sentMessages = new WeakSet<object>();
  const namesOf = (subscribed: unknown): string[] =>
    (Array.isArray(subscribed) ? subscribed : [subscribed]).filter((name) => typeof name === 'string');
  const isKnown = (url: unknown, subscribed: unknown): boolean => {
    const known = clients()[String(url)]?.subscriptions ?? {};
    return namesOf(subscribed).every((name) => name in known);
  };
  const tell = (subscription: SentSubscription): void => {
    const told = listener;
    listener = undefined;
    told?.(subscription);
  };

  const makeClient = exchange.client.bind(exchange);
  Object.assign(exchange, {
    client(url: string): unknown {
      const known = clients()[url];
      const client: unknown = makeClient(url);
      if (known === undefined) {
        calmSends(client as SocketClient, sentMessages);
        calmFutures(client as SocketClient);
      }
      return client;
    },
  });
  const watch = exchange.watch.bind(exchange);
  const watchMultiple = exchange.watchMultiple.bind(exchange);
  exchange.watch = (url, hash, message, names, ...rest) => {
    const shared = isKnown(url, names);
    const future = watch(url, hash, message, names, ...rest);
    tell({ url: String(url), hashes: [String(hash)], subscribed: namesOf(names), message, shared });
    return future;
  };
  exchange.watchMultiple = (url, hashes, message, names, ...rest) => {
    const shared = isKnown(url, names);
    const future = watchMultiple(url, hashes, message, names, ...rest);
    tell({ url: String(url), hashes: hashes.map(String), subscribed: namesOf(names), message, shared });
    return future;
  };

  const drop = (url: string, reason: string): void => {
    const client = clients()[url];
    if (client === undefined) return;
    client.onError(new ccxt.NetworkError(reason));
    delete clients()[url];
    // Before it has connected a socket can not be ended without an error that somebody has to hear.
    if (client.connection?.terminate !== undefined) client.connection.terminate();
    else client.close();
  };

  return {
    urls: () => Object.keys(clients()),
    wasSent: ({ message, shared }) =>
      shared || typeof message !== 'object' || message === null || sentMessages.has(message),
    isOpen: (url) => clients()[url]?.connection?.readyState === open,
    send(url, message) {
      const client = clients()[url];
      if (client?.connection?.readyState === open) void client.send(message);
    },
    forget(subscription) {
      const client = clients()[subscription.url];
      if (client === undefined) return;
      for (const name of subscription.subscribed) delete client.subscriptions[name];
      for (const hash of subscription.hashes)
        if (hash in client.futures) client.reject(new ccxt.UnsubscribeError('unsubscribed'), hash);
    },
    drop,
    dropAll() {
      for (const url of Object.keys(clients())) drop(url, 'closed by us');
    },
    during(sent, run) {
      listener = sent;
      return run();
    },
  };
}

/**
 * ccxt waits for some things without anybody who hears that they failed: the end of a socket would then end the process.
 * Who does wait hears it all the same.
 */
function calmFutures(client: SocketClient): void {
  for (const name of ['future', 'reusableFuture'] as const) {
    const make = client[name]?.bind(client);
    if (make === undefined) continue;
    client[name] = (hash) => {
      const future = make(hash);
      future.catch(() => {});
      return future;
    };
  }
}

function calmSends(client: SocketClient, sentMessages: WeakSet<object>): void {
  const send = client.send.bind(client);
  client.send = async (message) => {
    if (typeof message === 'object' && message !== null) sentMessages.add(message);
    try {
      return await send(message);
    } catch (error) {
      client.onError(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  };
}
