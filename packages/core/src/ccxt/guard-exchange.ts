import type { Exchange } from 'ccxt';
import { ConfigError } from '../errors/config-error.ts';
import { countAct } from './account-requests.ts';
import {
  accountMethods,
  isPublicEndpoint,
  orderMethods,
  predictionMethods,
  readableFacts,
  readMethods,
} from './allowed-methods.ts';
import type { GuardedExchange } from './ccxt-client.ts';
import type { CcxtVenue } from './ccxt-venues.ts';

/**
 * Gives out an exchange by a list: what is not on it can not be reached, whatever ccxt adds. Calls run on the exchange
 * itself, so that it may use its own methods.
 */
export function guardExchange(
  exchange: Exchange,
  options: {
    readonly venue: CcxtVenue;
    readonly credentials?: Readonly<Record<string, string>>;
    readonly orders?: boolean;
  },
): GuardedExchange {
  const allowed = new Set<string>([
    ...readMethods,
    ...predictionMethods,
    ...readableFacts,
    ...(options.credentials === undefined ? [] : accountMethods),
    ...(options.orders ? orderMethods : []),
  ]);
  const bound = new Map<string, unknown>();
  const facade: object = new Proxy(Object.create(null), {
    get(_target, name) {
      // A promise that resolves with the facade asks for this.
      if (name === 'then' || typeof name === 'symbol') return undefined;
      if (!allowed.has(name)) throw refused(options.venue, name);
      const value: unknown = Reflect.get(exchange, name);
      if (typeof value !== 'function') return value;
      if (!bound.has(name)) bound.set(name, counted(options.venue, name, value.bind(exchange)));
      return bound.get(name);
    },
    set: (_target, name) => {
      throw refused(options.venue, String(name));
    },
    has: (_target, name) => typeof name === 'string' && allowed.has(name),
    ownKeys: () => [],
    getPrototypeOf: () => null,
  });
  return facade as GuardedExchange;
}

const acts: ReadonlySet<string> = new Set(orderMethods);

function counted(venue: CcxtVenue, name: string, call: (...given: unknown[]) => unknown): unknown {
  if (!acts.has(name)) return call;
  return (...given: unknown[]) => {
    countAct(venue, name);
    return call(...given);
  };
}

/** @throws ConfigError `venue.method-refused` unless the endpoint reads public data. */
guardExchange.requirePublicEndpoint = (venue: string, name: string): void => {
  if (!isPublicEndpoint(name)) throw refused(venue, name);
};

const refused = (venue: string, name: string): ConfigError =>
  new ConfigError('venue.method-refused', `"${name}" of ${venue} may not be called by this client.`);
