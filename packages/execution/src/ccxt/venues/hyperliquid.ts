import { Decimal, type Price, roundPrice, toPrice, toSize } from '@perpdesk/core';
import type { AccountRequest } from '@perpdesk/core/ccxt';
import type { NativeFill, NativeFunding, WireOrder, WireOutcome } from '../native-order.ts';
import { type RefusalTable, refusalError, refusedOutcome } from '../outcomes.ts';
import type { PlacedLeg, VenueAccount, VenueAdapter, VenueRefusal, WireAnswer } from '../venue-adapter.ts';
import {
  decimalOf,
  type Fields,
  fieldsOf,
  parseExactly,
  requireDecimal,
  requireMs,
  requireRows,
  requireText,
  textOf,
  unreadable,
} from '../wire-values.ts';
import { addressOf, readFill, readFunding, readOrder, readPosition, statusOf, tifOf } from './hyperliquid-rows.ts';

const venue = 'hyperliquid';
/** How far through the market an order may fill that was given no worst price; ccxt's and the venue's own default is 5 %. */
const slippage = '0.05';
const pageLength = 2_000;
/** The least that a full page of funding holds: what is given for a range of time is cut at 500 rows or more. */
const fundingPage = 500;

/** Refusals in the venue's words: hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/error-responses. */
const refusals: RefusalTable = [
  [/insufficient margin/i, 'margin.insufficient'],
  [/minimum value|MinTradeNtl/i, 'size.below-minimum'],
  [/reduce only/i, 'reduce-only.violated'],
  [/immediately match|no liquidity/i, 'depth.limit'],
  [/post only|immediately matched|BadAloPx/i, 'order.invalid'],
  [/divisible by tick|invalid price|too far|95%/i, 'price.invalid'],
  [/invalid size|rounds to zero/i, 'size.invalid'],
  [/open interest|position limit/i, 'order-notional.limit'],
  [
    /(cloid|client order id).*(already|duplicate|exist)|(already|duplicate).*(cloid|client order id)/i,
    'order.duplicate',
  ],
  [/never placed|already canceled|or filled|cannot modify canceled/i, 'order.final'],
  [/trading is halted|only post-only/i, 'instrument.not-trading'],
  [/expired|expiresAfter/i, 'approval.expired'],
  [/leverage/i, 'leverage.limit'],
];

// Weights: hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits.
const info = (params: Fields, weight = 20) =>
  ({ api: 'public', path: 'info', method: 'POST', params, weight }) as const;
/** What answers with items of which each twenty weigh one more. */
const history = (params: Fields) => ({ ...info(params), itemsPerWeight: 20 }) as const;
const exchange = (action: Fields, expiresAtMs?: number, batch = 1): Omit<AccountRequest, 'lane'> => ({
  ...{ api: 'private', path: 'exchange', method: 'POST', params: { action }, weight: 1 + Math.floor(batch / 40) },
  ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
});

/**
 * Hyperliquid. Every order has a limit: a market order is one that fills at once up to the worst price, a trigger fills up to
 * 10 % beyond it. Actions are signed with an expiry. A replaced order gets a new venue id under the same id of ours and
 * carries what was left. Names: hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api (exchange and info endpoints).
 */
export const hyperliquid: VenueAdapter = {
  venue,
  capabilities: {
    kind: 'live',
    amend: true,
    protection: 'replace-in-place',
    marginModes: ['isolated', 'cross'],
    postOnly: true,
    clientOrderIds: 'unique-among-open',
    maxBatch: 20,
    nativeProtection: 'bracket',
    cancelAll: 'account',
    deadMansSwitch: 'account',
    landsLateByMs: 0,
  },
  secrets: ['walletAddress', 'privateKey'],
  amendsRest: true,
  fundingEveryMs: 3_600_000,
  nativeId: (listed) => textOf(fieldsOf(listed.info)?.name),
  base: (listed) => textOf(fieldsOf(listed.info)?.name),
  wireId: (listed) => decimalOf(listed.baseId)?.toFixed(),
  identity: ({ walletAddress = '' }) => walletAddress,
  clientId: (clientOrderId) => `0x${clientOrderId}`,
  clientOrderId: (clientId) => /^0x([0-9a-f]{32})$/i.exec(clientId)?.[1]?.toLowerCase(),

  async place(account, legs, bracket) {
    const orders: Fields[] = [];
    for (const leg of legs) orders.push(wireOf(leg, await limitOf(account, leg)));
    const action = { type: 'order', orders, grouping: bracket ? 'normalTpsl' : 'na' };
    const expiresAtMs = Math.min(...legs.map((leg) => leg.expiresAtMs));
    const answer = await account.act(exchange(action, expiresAtMs));
    return outcomesOf(answer, legs.length);
  },
  async amend(account, leg, open) {
    const order = wireOf(leg, await limitOf(account, leg), new Decimal(leg.intent.size).minus(open.filled));
    const modifies = [{ oid: Number(open.venueOrderId), order }];
    const [outcome] = outcomesOf(await account.act(exchange({ type: 'batchModify', modifies }, leg.expiresAtMs)), 1);
    return outcome ?? lost;
  },
  readOrders({ url, body }) {
    if (!url.endsWith('/exchange')) return undefined;
    const action = fieldsOf(fieldsOf(parseExactly(body))?.action);
    if (action?.type === 'order') return requireRows(venue, action.orders, 'orders').map(readWire);
    if (action?.type !== 'batchModify') return undefined;
    return requireRows(venue, action.modifies, 'modifies').map(({ order }) => readWire(fieldsOf(order) ?? {}));
  },
  async cancel(account, { market, clientId, venueOrderId }) {
    const asset = assetOf(market?.listed);
    const action =
      clientId !== undefined
        ? { type: 'cancelByCloid', cancels: [{ asset, cloid: clientId }] }
        : { type: 'cancel', cancels: [{ a: asset, o: Number(venueOrderId) }] };
    const [outcome] = outcomesOf(await account.act(exchange(action)), 1);
    return outcome ?? lost;
  },
  async cancelAll(account, markets) {
    const open = await hyperliquid.fetchOpenOrders(account);
    const cancels = open.flatMap(({ nativeId, venueOrderId }) => {
      const market = markets.find((each) => each.nativeId === nativeId);
      return market === undefined ? [] : [{ a: assetOf(market.listed), o: Number(venueOrderId) }];
    });
    if (cancels.length === 0) return { kind: 'accepted', venueOrderId: undefined, status: 'canceled' };
    const outcomes = outcomesOf(
      await account.act(exchange({ type: 'cancel', cancels }, undefined, cancels.length)),
      cancels.length,
    );
    // One that ended by itself meanwhile is what was wanted.
    return (
      outcomes.find((outcome) => outcome.kind === 'unknown') ??
      outcomes.find((outcome) => outcome.kind === 'rejected' && outcome.code !== 'order.final') ?? {
        kind: 'accepted',
        venueOrderId: undefined,
        status: 'canceled',
      }
    );
  },
  async fetchSetting(account, market) {
    const request = info({ type: 'activeAssetData', user: account.identity, coin: market.nativeId });
    const leverage = fieldsOf(fieldsOf(await account.read(request))?.leverage);
    if (leverage === undefined) throw unreadable(venue, 'leverage');
    return {
      leverage: requireDecimal(venue, leverage.value, 'leverage'),
      marginMode: leverage.type === 'cross' ? 'cross' : 'isolated',
    };
  },
  async applySetting(account, market, { leverage, marginMode, present }) {
    const isCross = (marginMode ?? present.marginMode) === 'cross';
    const action = { type: 'updateLeverage', asset: assetOf(market.listed), isCross, leverage };
    requireTaken(await account.act(exchange(action)));
  },
  async fetchOrder(account, { clientId, venueOrderId }) {
    const oid = clientId ?? Number(venueOrderId);
    const answer = fieldsOf(await account.read(info({ type: 'orderStatus', user: account.identity, oid }, 2)));
    if (answer?.status === 'unknownOid') return undefined;
    const told = fieldsOf(answer?.order);
    if (answer?.status !== 'order' || told === undefined) throw unreadable(venue, 'orderStatus');
    const order = fieldsOf(told.order) ?? {};
    return readOrder(
      order,
      statusOf(textOf(told.status), order),
      requireMs(venue, told.statusTimestamp, 'statusTimestamp'),
    );
  },
  async fetchOpenOrders(account) {
    const rows = await account.read(info({ type: 'frontendOpenOrders', user: account.identity }));
    return requireRows(venue, rows, 'open orders').map((row) =>
      readOrder(row, statusOf('open', row), requireMs(venue, row.timestamp, 'timestamp')),
    );
  },
  async fetchPositions(account) {
    const state = fieldsOf(await account.read(info({ type: 'clearinghouseState', user: account.identity }, 2)));
    const rows = requireRows(venue, state?.assetPositions, 'positions');
    const atMs = requireMs(venue, state?.time, 'time');
    return rows.flatMap(({ position }) => readPosition(position, atMs) ?? []);
  },
  async fetchFills(account, sinceMs) {
    const fills = new Map<string, NativeFill>();
    // Oldest first, a page at a time; the last instant of a page may go on in the next.
    for (let startTime = sinceMs; ; ) {
      const request = history({ type: 'userFillsByTime', user: account.identity, startTime });
      const rows = requireRows(venue, await account.read(request), 'fills').map(readFill);
      const before = fills.size;
      for (const fill of rows) fills.set(fill.id, fill);
      if (rows.length < pageLength || fills.size === before) return [...fills.values()];
      startTime = Math.max(...rows.map(({ atMs }) => atMs));
    }
  },
  async fetchFunding(account, sinceMs) {
    const payments = new Map<string, NativeFunding>();
    // As fills: oldest first, and the last instant of a page may go on in the next.
    for (let startTime = sinceMs; ; ) {
      const request = history({ type: 'userFunding', user: account.identity, startTime });
      const rows = requireRows(venue, await account.read(request), 'userFunding').map(readFunding);
      const before = payments.size;
      for (const payment of rows) payments.set(payment.id, payment);
      if (rows.length < fundingPage || payments.size === before) return [...payments.values()];
      startTime = Math.max(...rows.map(({ atMs }) => atMs));
    }
  },
  async fetchAccount(account) {
    const state = fieldsOf(await account.read(info({ type: 'clearinghouseState', user: account.identity }, 2)));
    const summary = fieldsOf(state?.marginSummary);
    const equity = requireDecimal(venue, summary?.accountValue, 'accountValue');
    const unrealizedPnl = requireRows(venue, state?.assetPositions, 'positions').reduce(
      (sum, { position }) => sum.plus(requireDecimal(venue, fieldsOf(position)?.unrealizedPnl, 'unrealizedPnl')),
      new Decimal(0),
    );
    return {
      ...{ asset: 'USDC', equity, unrealizedPnl, balance: equity.minus(unrealizedPnl), hedgeMode: false },
      usedMargin: requireDecimal(venue, summary?.totalMarginUsed, 'totalMarginUsed'),
      availableMargin: requireDecimal(venue, state?.withdrawable, 'withdrawable'),
    };
  },
  /** An agent's key trades and can not withdraw; the account's own key can. */
  async fetchKeyReport(account, { privateKey = '' }) {
    const signer = addressOf(privateKey);
    if (signer === undefined) return { canTrade: false, canWithdraw: undefined, hedgeMode: false };
    if (signer === account.identity.toLowerCase()) return { canTrade: true, canWithdraw: true, hedgeMode: false };
    const answer = fieldsOf(await account.read(info({ type: 'userRole', user: signer }, 60)));
    if (textOf(answer?.role) === undefined) throw unreadable(venue, 'userRole');
    const master = textOf(fieldsOf(answer?.data)?.user)?.toLowerCase();
    const approved = answer?.role === 'agent' && master === account.identity.toLowerCase();
    return { canTrade: approved, canWithdraw: false, hedgeMode: false };
  },
  shortestDeadManMs: 5_000,
  async setDeadMan(account, afterMs) {
    const action = { type: 'scheduleCancel', ...(afterMs === undefined ? {} : { time: account.nowMs() + afterMs }) };
    const answer = await account.act(exchange(action));
    const refusal = hyperliquid.refusalOf(answer);
    return refusal === undefined
      ? { kind: 'accepted', venueOrderId: undefined, status: 'open' }
      : refusedOutcome(refusals, refusal);
  },
  watches: [(client) => client.watchOrders(), (client) => client.watchMyTrades()],
  readNews(frame) {
    const message = fieldsOf(frame);
    if (message?.channel === 'orderUpdates') {
      const orders = requireRows(venue, message.data, 'orderUpdates').map((row) => {
        const order = fieldsOf(row.order) ?? {};
        const atMs = requireMs(venue, row.statusTimestamp, 'statusTimestamp');
        return { ...readOrder(order, statusOf(textOf(row.status), order), atMs), partial: true };
      });
      return { orders };
    }
    if (message?.channel !== 'userFills') return undefined;
    const data = fieldsOf(message.data);
    // What was before the subscription is read by REST.
    if (data?.isSnapshot === true) return {};
    return { fills: requireRows(venue, data?.fills, 'userFills').map(readFill) };
  },
  refusalOf({ status, json }): VenueRefusal | undefined {
    const answer = fieldsOf(json);
    if (status === 429) return { kind: 'rate-limited', code: '', message: 'too many requests' };
    if (status >= 500) return { kind: 'unknown', code: String(status), message: '' };
    if (answer?.status === 'err') {
      const message = textOf(answer.response) ?? '';
      return { kind: /timed? ?out|internal/i.test(message) ? 'unknown' : 'refused', code: '', message };
    }
    if (status >= 400)
      return {
        kind: typeof json === 'string' || answer !== undefined ? 'refused' : 'unknown',
        code: String(status),
        message: textOf(json) ?? '',
      };
    return undefined;
  },
};

const lost: WireOutcome = { kind: 'unknown', reason: 'The answer leaves the order out.' };

const assetOf = (listed: Fields | undefined): number => {
  const asset = decimalOf(listed?.baseId);
  if (asset === undefined) throw unreadable(venue, 'the number of an asset');
  return asset.toNumber();
};

const timesInForce = { gtc: 'Gtc', ioc: 'Ioc', 'post-only': 'Alo' } as const;

/** The worst price of an order: its own, that of its trigger, or the market's. */
async function limitOf(account: VenueAccount, { intent, market }: PlacedLeg): Promise<Price> {
  if (intent.price !== undefined) return intent.price;
  const { priceRule } = market.instrument;
  const buys = intent.side === 'buy';
  const beyond = (price: Decimal, by: string): Price =>
    roundPrice(priceRule, toPrice(price.times(new Decimal(1).plus(buys ? by : `-${by}`))), buys ? 'up' : 'down');
  if (intent.triggerPrice !== undefined) return beyond(new Decimal(intent.triggerPrice), '0.1');
  const mids = fieldsOf(await account.read(info({ type: 'allMids' }, 2)));
  return beyond(requireDecimal(venue, mids?.[market.nativeId], 'mid'), slippage);
}

/** In the order of fields that the venue hashes. */
function wireOf({ intent, market, clientId }: PlacedLeg, limit: Price, size: Decimal | undefined = undefined): Fields {
  const tpsl = intent.type === 'stop-market' ? 'sl' : 'tp';
  const tif = intent.type === 'market' ? 'Ioc' : timesInForce[intent.timeInForce];
  return {
    a: assetOf(market.listed),
    b: intent.side === 'buy',
    p: limit,
    s: size === undefined ? intent.size : toSize(size),
    r: intent.reduceOnly,
    t:
      intent.triggerPrice === undefined
        ? { limit: { tif } }
        : { trigger: { isMarket: true, triggerPx: intent.triggerPrice, tpsl } },
    c: clientId,
  };
}

function readWire({ a, b, p, s, r, t, c }: Fields): WireOrder {
  const kind = fieldsOf(t);
  const trigger = fieldsOf(kind?.trigger);
  const tif = textOf(fieldsOf(kind?.limit)?.tif);
  return {
    wireId: requireText(venue, a, 'a'),
    clientId: requireText(venue, c, 'c'),
    side: b === true ? 'buy' : 'sell',
    type: trigger === undefined ? 'limit' : trigger.tpsl === 'sl' ? 'stop-market' : 'take-profit-market',
    size: requireDecimal(venue, s, 's'),
    price: requireDecimal(venue, p, 'p'),
    triggerPrice: trigger === undefined ? undefined : requireDecimal(venue, trigger.triggerPx, 'triggerPx'),
    timeInForce: tif === undefined ? undefined : tifOf(tif),
    reduceOnly: r === true,
  };
}

function outcomesOf(answer: WireAnswer, count: number): readonly WireOutcome[] {
  const refusal = hyperliquid.refusalOf(answer);
  if (refusal !== undefined) return new Array<WireOutcome>(count).fill(refusedOutcome(refusals, refusal));
  const data = fieldsOf(fieldsOf(fieldsOf(answer.json)?.response)?.data);
  const statuses = Array.isArray(data?.statuses) ? data.statuses : [];
  const outcomes = statuses.map(outcomeOf);
  const [only] = outcomes;
  // What is wrong with one order before any is looked at is told once, for all of them.
  if (outcomes.length === 1 && count > 1 && only?.kind === 'rejected') return new Array<WireOutcome>(count).fill(only);
  return Array.from({ length: count }, (_, index) => outcomes[index] ?? lost);
}

function outcomeOf(status: unknown): WireOutcome {
  if (status === 'success') return { kind: 'accepted', venueOrderId: undefined, status: 'canceled' };
  // A part of a bracket that waits for its entry, or for its trigger.
  if (status === 'waitingForFill' || status === 'waitingForTrigger')
    return { kind: 'accepted', venueOrderId: undefined, status: 'open' };
  const told = fieldsOf(status);
  const error = textOf(told?.error);
  if (error !== undefined) return refusedOutcome(refusals, { kind: 'refused', code: '', message: error });
  const resting = fieldsOf(told?.resting);
  if (resting !== undefined) return { kind: 'accepted', venueOrderId: textOf(resting.oid), status: 'open' };
  const filled = fieldsOf(told?.filled);
  const size = decimalOf(filled?.totalSz);
  if (filled === undefined || size === undefined) return lost;
  const averagePrice = decimalOf(filled.avgPx);
  return {
    ...{ kind: 'accepted', venueOrderId: textOf(filled.oid), status: 'filled', filled: size },
    ...(averagePrice === undefined ? {} : { averagePrice }),
  };
}

function requireTaken(answer: WireAnswer): void {
  const refusal = hyperliquid.refusalOf(answer);
  if (refusal !== undefined) throw refusalError(venue, refusal);
  if (fieldsOf(answer.json)?.status !== 'ok') throw unreadable(venue, 'an answer to an action');
}
