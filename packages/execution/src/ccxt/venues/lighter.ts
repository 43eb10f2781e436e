import { ConfigError, Decimal, type OrderIntent, type OrderStatus, roundPrice, toPrice } from '@perpdesk/core';
import type { NativeFill, NativeOrder, WireOrder, WireOutcome } from '../native-order.ts';
import { type RefusalTable, refusalError, refusedOutcome } from '../outcomes.ts';
import type { TradedMarket } from '../traded-markets.ts';
import type { NativeNews, PlacedLeg, VenueAccount, VenueAdapter, VenueRefusal, WireAnswer } from '../venue-adapter.ts';
import {
  amountOf,
  type Fields,
  fieldsOf,
  parseExactly,
  requireDecimal,
  requireRows,
  requireText,
  textOf,
  unreadable,
} from '../wire-values.ts';
import { byMarket, leverageOf, modeOf, readFill, readOrder, readPosition } from './lighter-rows.ts';

const venue = 'lighter';
/** How far through the market an order may fill that was given no worst price. */
const slippage = '0.05';
const mostPages = 10;
/** The venue's default expiry of resting orders: 28 days. */
const longExpiry = -1;

/** Refusals by code and words: apidocs.lighter.xyz, and what the sequencer says. */
const refusals: RefusalTable = [
  [/margin|collateral|balance/i, 'margin.insufficient'],
  [/reduce.?only/i, 'reduce-only.violated'],
  [/min.*(base|quote|amount)|too small/i, 'size.below-minimum'],
  [/price/i, 'price.invalid'],
  [/client order index/i, 'order.duplicate'],
  [/not found|inexistent|does not exist/i, 'order.unknown'],
  [/expired|nonce/i, 'approval.expired'],
  [/too many|rate limit|quota/i, 'order.throttled'],
  [/leverage|margin fraction/i, 'leverage.limit'],
];

const get = (api: 'private' | 'public', path: string, params: Fields) =>
  ({ api, path, method: 'GET', params }) as const;
const transaction = (kind: string, fields: Fields) =>
  ({ api: 'public', path: 'sendTx', method: 'POST', params: { kind, fields }, weight: 6 }) as const;

/**
 * Lighter. Orders are signed by its own signer, which ccxt does not ship, with an API key of the account that exists already. One
 * whose nonces are counted takes a question more for each act, and acts go one after the other. The venue keeps 48 bits of our ids.
 * A transaction is valid for ten minutes by its signer, so late landing is excluded only after
 * that; orders that fill at once are not told apart from it. Names: apidocs.lighter.xyz.
 */
export const lighter: VenueAdapter = {
  venue,
  capabilities: {
    kind: 'live',
    amend: false,
    protection: 'order',
    marginModes: ['isolated', 'cross'],
    postOnly: true,
    clientOrderIds: 'not-enforced',
    maxBatch: 1,
    nativeProtection: 'order',
    cancelAll: 'account',
    deadMansSwitch: 'account',
    landsLateByMs: 600_000,
  },
  secrets: ['accountIndex', 'apiKeyIndex', 'apiPrivateKey'],
  nativeId: (listed) => textOf(listed.id),
  ccxtOptions: ({ accountIndex = '', apiKeyIndex = '', apiPrivateKey = '' }) => ({
    ...{ accountIndex, apiKeyIndex },
    auths: { [accountIndex]: { [apiKeyIndex]: { lighterPrivateKey: apiPrivateKey } } },
  }),
  identity: ({ accountIndex = '' }) => accountIndex,
  clientId: (clientOrderId) => String(Number.parseInt(clientOrderId.slice(0, 12), 16)),
  clientOrderId: () => undefined,
  async place(account, legs) {
    const outcomes: WireOutcome[] = [];
    for (const leg of legs) {
      const answer = await account.act(transaction('create', await fieldsOfLeg(account, leg)));
      outcomes.push(outcomeOf(answer, 'open'));
    }
    return outcomes;
  },
  /** What was signed says itself what it is. */
  readOrders({ url, body }) {
    if (!url.endsWith('/sendTx')) return undefined;
    const info = /name="tx_info"\r\n\r\n([^\r]*)\r\n/.exec(body)?.[1];
    const kind = /name="tx_type"\r\n\r\n(\d+)\r\n/.exec(body)?.[1];
    if (kind !== '14') return undefined;
    const signed = fieldsOf(parseExactly(info ?? ''));
    if (signed === undefined) throw unreadable(venue, 'what was signed');
    return [readWire(signed)];
  },
  async cancel(account, { market, clientId, venueOrderId }) {
    const fields = { market_index: Number(market?.nativeId), order_index: Number(venueOrderId ?? clientId) };
    return outcomeOf(await account.act(transaction('cancel', fields)), 'canceled');
  },
  async cancelAll(account, markets) {
    if (markets.length > 1) {
      const open = await lighter.fetchOpenOrders(account);
      if (open.every((order) => markets.some(({ nativeId }) => nativeId === order.nativeId)))
        return outcomeOf(await account.act(transaction('cancel-all', { time_in_force: 0, time: 0 })), 'canceled');
    }
    // Of several markets but not all there is no request.
    for (const market of markets) {
      const outcome = await cancelAllOf(account, market);
      if (outcome.kind !== 'accepted') return outcome;
    }
    return { kind: 'accepted', venueOrderId: undefined, status: 'canceled' };
  },
  async fetchSetting(account, { nativeId }) {
    const { positions } = await stateOf(account);
    const row = positions.find(({ market_id }) => textOf(market_id) === nativeId);
    return {
      leverage: row === undefined ? undefined : leverageOf(row),
      marginMode: row === undefined ? undefined : modeOf(row),
    };
  },
  async applySetting(account, { nativeId }, { leverage, marginMode, present }) {
    const fields = {
      market_index: Number(nativeId),
      // Rounded up, which is never more leverage than was authorised.
      initial_margin_fraction: Math.ceil(10_000 / leverage),
      margin_mode: (marginMode ?? present.marginMode) === 'cross' ? 0 : 1,
    };
    const refusal = refusalOf(await account.act(transaction('leverage', fields)));
    if (refusal !== undefined) throw refusalError(venue, refusal);
  },
  /** Among open orders, then among the newest thousand that ended. */
  async fetchOrder(account, { clientId, venueOrderId, market }) {
    const wanted = (order: NativeOrder): boolean =>
      clientId === undefined ? order.venueOrderId === venueOrderId : order.clientId === clientId;
    const where = market === undefined ? {} : { market_id: market.nativeId };
    const open = (await lighter.fetchOpenOrders(account)).find(wanted);
    if (open !== undefined) return open;
    let cursor: Fields = {};
    for (let page = 0; page < mostPages; page += 1) {
      const params = { account_index: account.identity, limit: 100, ...where, ...cursor };
      const answer = fieldsOf(await account.read(get('private', 'accountInactiveOrders', params)));
      const rows = requireRows(venue, answer?.orders, 'orders').map(readOrder);
      const found = rows.find(wanted);
      if (found !== undefined) return found;
      const next = textOf(answer?.next_cursor);
      if (next === undefined || rows.length === 0) return undefined;
      cursor = { cursor: next };
    }
    return undefined;
  },
  /** Orders are told by market; which have any stands in the account. */
  async fetchOpenOrders(account) {
    const { positions } = await stateOf(account);
    const orders: NativeOrder[] = [];
    for (const row of positions) {
      const counts = [row.open_order_count, row.pending_order_count, row.position_tied_order_count];
      if (counts.every((count) => amountOf(count) === undefined)) continue;
      const params = { account_index: account.identity, market_id: requireText(venue, row.market_id, 'market_id') };
      const answer = fieldsOf(await account.read(get('private', 'accountActiveOrders', params)));
      orders.push(...requireRows(venue, answer?.orders, 'orders').map(readOrder));
    }
    return orders;
  },
  async fetchPositions(account) {
    return (await stateOf(account)).positions.flatMap((row) => readPosition(row) ?? []);
  },
  async fetchFills(account, sinceMs) {
    const fills: NativeFill[] = [];
    let cursor: Fields = {};
    for (let page = 0; page < mostPages; page += 1) {
      const params = { account_index: account.identity, sort_by: 'timestamp', sort_dir: 'desc', limit: 100, ...cursor };
      const answer = fieldsOf(await account.read(get('private', 'trades', params)));
      const rows = requireRows(venue, answer?.trades, 'trades').map((row) => readFill(row, account.identity));
      fills.push(...rows.filter(({ atMs }) => atMs >= sinceMs));
      const next = textOf(answer?.next_cursor);
      if (next === undefined || rows.some(({ atMs }) => atMs < sinceMs)) break;
      cursor = { cursor: next };
    }
    return fills.reverse();
  },
  async fetchAccount(account) {
    const { state, positions } = await stateOf(account);
    const read = (name: string): Decimal => requireDecimal(venue, state[name], name);
    const unrealizedPnl = positions.reduce(
      (sum, row) => sum.plus(requireDecimal(venue, row.unrealized_pnl, 'unrealized_pnl')),
      new Decimal(0),
    );
    const equity = read('total_asset_value');
    const availableMargin = read('available_balance');
    return {
      ...{ asset: 'USDC', equity, unrealizedPnl, balance: equity.minus(unrealizedPnl), availableMargin },
      ...{ usedMargin: Decimal.max(0, equity.minus(availableMargin)), hedgeMode: false },
    };
  },
  /** API keys sign transfers and withdrawals to the account's own address; whether one may, the venue does not tell. */
  async fetchKeyReport(account) {
    await account.read(get('private', 'accountInactiveOrders', { account_index: account.identity, limit: 1 }));
    return { canTrade: undefined, canWithdraw: undefined, hedgeMode: false };
  },
  shortestDeadManMs: 300_000,
  async setDeadMan(account, afterMs) {
    const fields =
      afterMs === undefined ? { time_in_force: 2, time: 0 } : { time_in_force: 1, time: account.nowMs() + afterMs };
    return outcomeOf(await account.act(transaction('cancel-all', fields)), 'open');
  },
  watches: [(exchange) => exchange.watchOrders(), (exchange) => exchange.watchMyTrades()],
  readNews(frame): NativeNews | undefined {
    const message = fieldsOf(frame);
    const channel = textOf(message?.channel) ?? '';
    const [name, index = ''] = channel.split(':');
    if (!textOf(message?.type)?.startsWith('update/')) return undefined;
    if (name === 'account_all_orders') return { orders: byMarket(message?.orders).map(readOrder) };
    if (name === 'account_all_trades') return { fills: byMarket(message?.trades).map((row) => readFill(row, index)) };
    return undefined;
  },
  refusalOf,
};

function refusalOf({ status, json }: WireAnswer): VenueRefusal | undefined {
  const answer = fieldsOf(json);
  const code = textOf(answer?.code);
  const message = textOf(answer?.message) ?? '';
  if (status === 429 || code === '23000') return { kind: 'rate-limited', code: code ?? '', message };
  if (status >= 500) return { kind: 'unknown', code: code ?? String(status), message };
  if (code !== undefined && code !== '200' && code !== '0') {
    return { kind: code === '20001' || code.length === 5 || status < 500 ? 'refused' : 'unknown', code, message };
  }
  return status >= 400 ? { kind: 'unknown', code: String(status), message } : undefined;
}

function outcomeOf(answer: WireAnswer, status: OrderStatus): WireOutcome {
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return refusedOutcome(refusals, refusal);
  // The sequencer takes it; what becomes of it is told by the account.
  if (textOf(fieldsOf(answer.json)?.tx_hash) === undefined)
    return { kind: 'unknown', reason: 'The answer has no transaction.' };
  return { kind: 'accepted', venueOrderId: undefined, status };
}

/** An older signer has no way to name a market, and would cancel the orders of all: with it they go one by one. */
async function cancelAllOf(account: VenueAccount, { nativeId }: TradedMarket): Promise<WireOutcome> {
  const market_index = Number(nativeId);
  try {
    const fields = { time_in_force: 0, time: 0, cancel_all_market_index: market_index };
    return outcomeOf(await account.act(transaction('cancel-all', fields)), 'canceled');
  } catch (error) {
    if (!ConfigError.is(error) || error.code !== 'venue.signer-outdated') throw error;
  }
  let worst: WireOutcome = { kind: 'accepted', venueOrderId: undefined, status: 'canceled' };
  for (const order of await lighter.fetchOpenOrders(account)) {
    if (order.nativeId !== nativeId) continue;
    const fields = { market_index, order_index: Number(order.venueOrderId) };
    const outcome = outcomeOf(await account.act(transaction('cancel', fields)), 'canceled');
    if (outcome.kind !== 'accepted') worst = outcome;
  }
  return worst;
}

async function stateOf(
  account: VenueAccount,
): Promise<{ readonly state: Fields; readonly positions: readonly Fields[] }> {
  const answer = fieldsOf(await account.read(get('public', 'account', { by: 'index', value: account.identity })));
  const [state] = requireRows(venue, answer?.accounts, 'accounts');
  if (state === undefined) throw unreadable(venue, 'account');
  return { state, positions: requireRows(venue, state.positions, 'positions') };
}

const orderTypes = { market: 1, limit: 0, 'stop-market': 2, 'take-profit-market': 4 } as const;
const timesInForce = { gtc: 1, ioc: 0, 'post-only': 2 } as const;

/** A whole number of the venue's smallest units. @throws VenueError when it is none */
function units(value: string, decimals: unknown): number {
  const whole = new Decimal(value).times(new Decimal(10).pow(requireDecimal(venue, decimals, 'decimals')));
  if (!whole.isInteger() || whole.greaterThan(Number.MAX_SAFE_INTEGER))
    throw unreadable(venue, `${value} in its units`);
  return whole.toNumber();
}

async function fieldsOfLeg(account: VenueAccount, { intent, market, clientId }: PlacedLeg): Promise<Fields> {
  const { size_decimals, price_decimals } = fieldsOf(market.listed.info) ?? {};
  const rests = intent.type === 'limit' && intent.timeInForce !== 'ioc';
  const price = intent.price ?? (await worstPrice(account, intent, market));
  return {
    market_index: market.nativeId,
    client_order_index: Number(clientId),
    base_amount: units(intent.size, size_decimals),
    avg_execution_price: units(price, price_decimals),
    is_ask: intent.side === 'sell' ? 1 : 0,
    order_type: orderTypes[intent.type],
    time_in_force: intent.type === 'limit' ? timesInForce[intent.timeInForce] : 0,
    reduce_only: intent.reduceOnly ? 1 : 0,
    trigger_price: intent.triggerPrice === undefined ? 0 : units(intent.triggerPrice, price_decimals),
    order_expiry: rests || intent.triggerPrice !== undefined ? longExpiry : 0,
  };
}

async function worstPrice(
  account: VenueAccount,
  intent: OrderIntent,
  { instrument, nativeId }: PlacedLeg['market'],
): Promise<string> {
  const buys = intent.side === 'buy';
  let from = intent.triggerPrice === undefined ? undefined : new Decimal(intent.triggerPrice);
  if (from === undefined) {
    const answer = fieldsOf(await account.read(get('public', 'orderBookDetails', { market_id: nativeId })));
    const [row] = requireRows(venue, answer?.order_book_details, 'order_book_details');
    from = requireDecimal(venue, row?.last_trade_price, 'last_trade_price');
  }
  const beyond = from.times(new Decimal(1).plus(buys ? slippage : `-${slippage}`));
  return roundPrice(instrument.priceRule, toPrice(beyond), buys ? 'up' : 'down');
}

/** Sizes and prices in the venue's smallest units are left to who knows the market's: see `scaled`. */
function readWire(signed: Fields): WireOrder {
  const type = requireText(venue, signed.Type, 'Type');
  const kinds: Readonly<Record<string, WireOrder['type']>> = {
    0: 'limit',
    1: 'market',
    2: 'stop-market',
    4: 'take-profit-market',
  };
  const kind = kinds[type];
  if (kind === undefined) throw unreadable(venue, `type ${type}`);
  const tif = textOf(signed.TimeInForce);
  const trigger = amountOf(signed.TriggerPrice);
  return {
    wireId: requireText(venue, signed.MarketIndex, 'MarketIndex'),
    clientId: requireText(venue, signed.ClientOrderIndex, 'ClientOrderIndex'),
    side: textOf(signed.IsAsk) === '1' ? 'sell' : 'buy',
    type: kind,
    size: requireDecimal(venue, signed.BaseAmount, 'BaseAmount'),
    price: requireDecimal(venue, signed.Price, 'Price'),
    triggerPrice: trigger,
    timeInForce: kind !== 'limit' ? undefined : tif === '0' ? 'ioc' : tif === '2' ? 'post-only' : 'gtc',
    reduceOnly: textOf(signed.ReduceOnly) === '1',
    inSmallestUnits: true,
  };
}
