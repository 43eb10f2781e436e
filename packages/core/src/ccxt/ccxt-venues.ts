import type { Exchange } from 'ccxt';
import type { AccountRequest, SignedRequest } from './account-requests.ts';
import {
  loadLighterSigner,
  nextLighterNonce,
  replaceLighterSigning,
  signLighterTransaction,
} from './sign-lighter-transaction.ts';
import { signHyperliquidAction, signInTime, signOkx } from './sign-request.ts';

/** Our names of the venues that ccxt reaches for us. */
export const ccxtVenues = [
  'hyperliquid',
  'lighter',
  'binance',
  'aster',
  'coinbase',
  'bybit',
  'okx',
  'polymarket',
  'kalshi',
] as const;
export type CcxtVenue = (typeof ccxtVenues)[number];

/** What is known of a venue before anything is asked of it. */
export interface CcxtVenueProfile {
  /** ccxt's name of the venue; for `binance` its USDⓈ-M part alone. */
  readonly ccxtId: string;
  /** Which of ccxt's two families the class is of. */
  readonly family: 'pro' | 'prediction';
  /** Hosts that may be reached; a name also allows what ends with a dot and it. */
  readonly hosts: readonly string[];
  /** Laid over ccxt's own options. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The hosts of its test net; left out where there is none. */
  readonly testHosts?: readonly string[];
  /** How ccxt is turned to the test net. Default: its sandbox mode. */
  toTestNetwork?(exchange: Exchange): void;
  /** What options can not switch off. */
  harden?(exchange: Exchange): void;
  /** What must be done once before anything of an account can be signed. */
  prepare?(exchange: Exchange): Promise<unknown>;
  /**
   * Where the venue counts an account's acts: asks for the number of the next one, which is told as `nonce` and becomes part of
   * what is signed. Such acts go one after the other.
   */
  numberOfNext?(exchange: Exchange): Pick<AccountRequest, 'api' | 'path' | 'method' | 'params'> | undefined;
  /** Signs a request of an account, with its expiry where the venue has one. Default: as ccxt does. */
  sign?(exchange: Exchange, request: AccountRequest): SignedRequest;
}

/**
 * Hosts: the venues' own documentation; ccxt 4.5.84 knows more, such as test nets and spot, which are not reached. What is
 * switched off here is held by the tests beside this file, on the bytes that are sent.
 */
export const ccxtVenueProfiles: Readonly<Record<CcxtVenue, CcxtVenueProfile>> = {
  hyperliquid: {
    ccxtId: 'hyperliquid',
    family: 'pro',
    hosts: ['api.hyperliquid.xyz'],
    testHosts: ['api.hyperliquid-testnet.xyz'],
    sign: signHyperliquidAction,
    options: { fetchMarkets: { types: ['swap'] }, builderFee: false, refSet: true },
    harden(exchange) {
      // The first private call would sign a builder's fee and a referrer (ccxt#29040); options alone leave the builder at 0.
      const nothing = async (): Promise<boolean> => true;
      Object.assign(exchange, { initializeClient: nothing, handleBuilderFeeApproval: nothing, setRef: nothing });
    },
  },
  lighter: {
    ccxtId: 'lighter',
    family: 'pro',
    hosts: ['mainnet.zklighter.elliot.ai'],
    testHosts: ['testnet.zklighter.elliot.ai'],
    sign: signLighterTransaction,
    prepare: loadLighterSigner,
    numberOfNext: nextLighterNonce,
    options: { builderFee: false, integratorAccountIndex: 0, integratorMakerFee: 0, integratorTakerFee: 0 },
    harden(exchange) {
      const nothing = async (): Promise<boolean> => false;
      const noKeyChange = async (): Promise<never> => {
        throw new Error('A lighter API key is needed in options.auths[account][index]; none is registered by itself.');
      };
      Object.assign(exchange, { handleBuilderFeeApproval: nothing, changeApiKey: noKeyChange });
      replaceLighterSigning(exchange);
    },
  },
  binance: {
    ccxtId: 'binanceusdm',
    family: 'pro',
    // api.binance.com tells what a key may do.
    hosts: ['fapi.binance.com', 'fstream.binance.com', 'ws-fapi.binance.com', 'api.binance.com'],
    // ccxt signs nothing for the old test net any more; demo trading took its place.
    testHosts: ['demo-fapi.binance.com', 'fstream.binancefuture.com', 'stream.binancefuture.com'],
    toTestNetwork(exchange) {
      const turn: unknown = Reflect.get(exchange, 'enableDemoTrading');
      if (typeof turn === 'function') Reflect.apply(turn, exchange, [true]);
    },
    sign: (exchange, request) =>
      signInTime(exchange, request, (params, windowMs) => ({ ...params, recvWindow: windowMs })),
    options: {
      // An empty id would fall back to ccxt's own: a zero in front of its random characters names nobody.
      broker: neutral(['spot', 'margin', 'future', 'delivery', 'swap', 'option', 'inverse']),
      fetchMarkets: { types: ['linear'] },
      fetchCurrencies: false,
      // Without this each subscription has a socket of its own, up to fifty. Binance takes 1,024 streams per socket.
      streamLimits: { future: 1 },
      subscriptionLimitByStream: { future: 1000 },
      // Seven subscriptions a second; Binance takes ten.
      ws: { cost: 3 },
    },
  },
  aster: {
    ccxtId: 'aster',
    family: 'pro',
    hosts: ['fapi.asterdex.com', 'fstream.asterdex.com'],
    options: { builderFee: false, builder: undefined, builderRate: undefined, approvedBuilderFee: true },
    harden(exchange) {
      const nothing = async (): Promise<boolean> => true;
      Object.assign(exchange, { initializeClient: nothing });
      // ccxt also loads the spot markets, and signs in.
      Object.assign(exchange, {
        signIn: nothing,
        fetchMarkets: async () => {
          const answer = await callEndpoint(exchange, 'fapiPublicGetV3ExchangeInfo', {});
          const { symbols } = Object(answer) as { readonly symbols?: unknown };
          const rows: readonly unknown[] = Array.isArray(symbols) ? symbols : [];
          return exchange.parseMarkets(rows.filter((row) => 'baseAsset' in Object(row)));
        },
      });
    },
  },
  coinbase: {
    ccxtId: 'coinbaseinternational',
    family: 'pro',
    hosts: ['api.international.coinbase.com', 'ws-md.international.coinbase.com'],
    options: { brokerId: '0' },
  },
  bybit: {
    ccxtId: 'bybit',
    family: 'pro',
    hosts: ['api.bybit.com', 'stream.bybit.com'],
    testHosts: ['api-testnet.bybit.com', 'stream-testnet.bybit.com'],
    sign: (exchange, request) =>
      signInTime(exchange, request, (params, windowMs) => {
        exchange.options.recvWindow = windowMs;
        return params;
      }),
    options: { fetchMarkets: { types: ['linear', 'inverse'] }, brokerId: '0', defaultType: 'swap' },
    harden(exchange) {
      const sign = exchange.sign.bind(exchange);
      exchange.sign = (...request: Parameters<typeof sign>) => {
        const signed = sign(...request);
        if (signed.headers) delete signed.headers.Referer;
        return signed;
      };
    },
  },
  okx: {
    ccxtId: 'okx',
    family: 'pro',
    hosts: ['www.okx.com', 'ws.okx.com'],
    testHosts: ['www.okx.com', 'wspap.okx.com'],
    sign: signOkx,
    options: { fetchMarkets: { types: ['swap'] }, brokerId: undefined, defaultType: 'swap' },
    harden(exchange) {
      // Where an order has no client order id, signing gives it one of the broker's and the broker's tag.
      const sign = exchange.sign.bind(exchange);
      exchange.sign = (path, api, method, params, ...rest) => {
        const carriesOrders = /^trade\/(order|batch-orders|order-algo)$/.test(String(path)) && method === 'POST';
        for (const order of carriesOrders ? [params ?? {}].flat() : []) order.clOrdId ??= exchange.uuid16();
        return sign(path, api, method, params, ...rest);
      };
    },
  },
  polymarket: {
    ccxtId: 'polymarket',
    family: 'prediction',
    hosts: ['polymarket.com'],
    options: { builder: undefined, builderFee: false, feeRate: 0 },
  },
  kalshi: {
    ccxtId: 'kalshi',
    family: 'prediction',
    hosts: ['api.elections.kalshi.com', 'external-api.kalshi.com', 'trading-api.kalshi.com'],
    options: {},
  },
};

/** Calls one of the endpoints that ccxt defines by name. */
export function callEndpoint(exchange: object, name: string, params: object): Promise<unknown> {
  const call: unknown = Reflect.get(exchange, name);
  if (typeof call !== 'function') return Promise.reject(new Error(`ccxt has no ${name}.`));
  return Promise.resolve(Reflect.apply(call, exchange, [params]));
}

function neutral(kinds: readonly string[]): Record<string, string> {
  return Object.fromEntries(kinds.map((kind) => [kind, '0']));
}
