import type { VenueLane } from '../ports/venue-budget.ts';
import type { CcxtVenue } from './ccxt-venues.ts';

/** A request that reads an account or acts for it, by ccxt's names. */
export interface AccountRequest {
  /** ccxt's group of endpoints: `fapiPrivate`, `private`, … */
  readonly api: string;
  /** The endpoint in it: `order`, `v5/order/create`, … */
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly params: Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[];
  readonly lane: VenueLane;
  /** What it weighs in the venue's budget. Default 1. */
  readonly weight?: number;
  /**
   * The instant after which the venue must not take it any more: becomes part of what is signed, where the venue has that
   * (Hyperliquid `expiresAfter`, Binance and Bybit receive window, OKX `expTime`).
   */
  readonly expiresAtMs?: number;
  readonly signal?: AbortSignal;
}

/** What came back: whatever the status, as it was. */
export interface AccountAnswer {
  readonly status: number;
  readonly text: string;
}

/** A request as it goes over the wire, signed. */
export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Carries a signed request and gives back what came, body and all. Rejects when nothing readable came. */
export type HttpTransport = (request: SignedRequest, signal: AbortSignal) => Promise<AccountAnswer>;

interface Endpoints {
  readonly reads: readonly string[];
  readonly acts: readonly string[];
}

const binanceFamily = (api: string, version: string, algo: boolean): Endpoints => ({
  reads: [
    ...['order', 'openOrders', 'userTrades', 'income', 'positionSide/dual'].map(
      (path) => `GET ${api} ${version}${path}`,
    ),
    ...(algo ? ['algoOrder', 'openAlgoOrders'].map((path) => `GET ${api} ${version}${path}`) : []),
  ],
  acts: [
    ...['POST order', 'DELETE order', 'POST batchOrders', 'DELETE allOpenOrders', 'POST leverage', 'POST marginType'],
    'POST countdownCancelAll',
    ...(algo ? ['PUT order', 'POST algoOrder', 'DELETE algoOrder', 'DELETE algoOpenOrders'] : []),
  ].map((act) => act.replace(' ', ` ${api} ${version}`)),
});
const binance = binanceFamily('fapiPrivate', '', true);
const aster = binanceFamily('fapiPrivate', 'v3/', false);

/** What an account's client may ask. Nothing here moves money, makes a key or approves anybody. */
const endpoints: Partial<Record<CcxtVenue, Endpoints>> = {
  hyperliquid: { reads: ['POST public info'], acts: ['POST private exchange'] },
  lighter: {
    reads: ['accountActiveOrders', 'accountInactiveOrders', 'trades']
      .map((path) => `GET private ${path}`)
      .concat('GET public account', 'GET public orderBookDetails'),
    acts: ['POST public sendTx'],
  },
  binance: {
    reads: [
      ...binance.reads,
      'GET fapiPrivateV2 positionRisk',
      'GET fapiPrivateV3 account',
      'GET sapi account/apiRestrictions',
    ],
    acts: binance.acts,
  },
  aster: { reads: [...aster.reads, 'GET fapiPrivate v3/positionRisk', 'GET fapiPrivate v3/account'], acts: aster.acts },
  bybit: {
    reads: [
      ...[
        'order/realtime',
        'order/history',
        'position/list',
        'execution/list',
        'account/wallet-balance',
        'account/info',
      ],
      ...['user/query-api', 'account/transaction-log'],
    ].map((path) => `GET private v5/${path}`),
    acts: [
      ...['order/create', 'order/create-batch', 'order/amend', 'order/cancel', 'order/cancel-all'],
      ...['order/disconnected-cancel-all', 'position/set-leverage', 'account/set-margin-mode'],
    ].map((path) => `POST private v5/${path}`),
  },
  okx: {
    reads: [
      ...[
        'trade/order',
        'trade/order-algo',
        'trade/orders-pending',
        'trade/orders-algo-pending',
        'trade/fills-history',
      ],
      ...['account/positions', 'account/balance', 'account/config', 'account/leverage-info'],
      ...['account/bills', 'account/bills-archive'],
    ].map((path) => `GET private ${path}`),
    acts: [
      ...['trade/order', 'trade/batch-orders', 'trade/order-algo', 'trade/amend-order', 'trade/amend-algos'],
      ...['trade/cancel-order', 'trade/cancel-algos', 'trade/cancel-batch-orders', 'trade/cancel-all-after'],
      'account/set-leverage',
    ].map((path) => `POST private ${path}`),
  },
};

/** True when the request is on the venue's list of that kind. */
export function isAccountRequest(venue: CcxtVenue, kind: keyof Endpoints, request: AccountRequest): boolean {
  const { method, api, path } = request;
  return endpoints[venue]?.[kind].includes(`${method} ${api} ${path}`) ?? false;
}

const counts = new Map<string, number>();

/** Counts an act that was asked of a venue in this process. */
export function countAct(venue: CcxtVenue, name: string): void {
  const key = `${venue} ${name}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/**
 * How often each act was asked of each venue since the process began: `binance POST order`, `okx createOrder`. Whatever the
 * way, everything that makes, changes or cancels an order through this package is counted here; compare with the
 * departures of the venues.
 */
export const countedActs = (): Readonly<Record<string, number>> => Object.fromEntries(counts);
