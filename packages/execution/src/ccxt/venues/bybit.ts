import { Decimal } from '@perpdesk/core';
import type { NativeFill, NativeFunding, WireOutcome } from '../native-order.ts';
import { type RefusalTable, refusalError, refusedOutcome } from '../outcomes.ts';
import type { NativeNews, VenueAccount, VenueAdapter, VenueRefusal, WireAnswer } from '../venue-adapter.ts';
import {
  amountOf,
  type Fields,
  fieldsOf,
  parseExactly,
  requireDecimal,
  requireRows,
  textOf,
  unreadable,
} from '../wire-values.ts';
import { formOf, isHedged, readFill, readFunding, readOrder, readPosition, readWire } from './bybit-rows.ts';

const venue = 'bybit';
const weekMs = 7 * 86_400_000;
const mostPages = 50;

/** Refusals by code: bybit-exchange.github.io/docs/v5/error. */
const refusals: RefusalTable = [
  ...['110004', '110006', '110007', '110012', '110014', '110044', '110045', '110052', '170131'].map(
    (code) => [code, 'margin.insufficient'] as const,
  ),
  ...['110094', '170140', '110093', '110017'].map(
    (code) => [code, code === '110017' ? 'reduce-only.violated' : 'size.below-minimum'] as const,
  ),
  ...['110003', '110092', '170132', '170133'].map((code) => [code, 'price.invalid'] as const),
  ...['110001', '110008', '110010'].map((code) => [code, code === '110001' ? 'order.unknown' : 'order.final'] as const),
  ...['110072', '110030', '170141'].map((code) => [code, 'order.duplicate'] as const),
  ...['110013', '110035', '110090', '110011'].map((code) => [code, 'leverage.limit'] as const),
  ...['10006', '10018', '110020', '10429'].map((code) => [code, 'order.throttled'] as const),
  ...['110023', '110024', '110074', '110125'].map((code) => [code, 'instrument.not-trading'] as const),
  ...['110021', '110022'].map((code) => [code, 'order-notional.limit'] as const),
  ...['110036', '110025'].map((code) => [code, 'hedge-mode.unsupported'] as const),
  ['10002', 'approval.expired'],
];
/** Codes with which the venue says that it does not know: server timeout and error. */
const undecided = new Set(['10000', '10016', '10019', '170001', '170007', '3100326']);
const rateCodes = new Set(['10006', '10018', '10429']);

type Method = 'GET' | 'POST';
const at = (method: Method, path: string, params: Fields | readonly Fields[], more: object = {}) => ({
  ...{ api: 'private', path: `v5/${path}`, method, params },
  ...more,
});
const linear = { category: 'linear' } as const;

/**
 * Bybit, linear contracts of a unified account. Conditional orders are orders with a trigger, in the same plumbing. A request is taken
 * within a receive window that ends with the authorisation. Its disconnect protection needs a client manager's consent and a
 * socket of its own: not used. Margin mode is the whole account's, so it is left as it is and refused when it is another.
 * Names: bybit-exchange.github.io/docs/v5.
 */
export const bybit: VenueAdapter = {
  venue,
  capabilities: {
    kind: 'live',
    amend: true,
    protection: 'replace-in-place',
    marginModes: ['isolated', 'cross'],
    postOnly: true,
    clientOrderIds: 'unique-among-open',
    maxBatch: 10,
    nativeProtection: 'order',
    cancelAll: 'instrument',
    deadMansSwitch: 'none',
    landsLateByMs: 1_000,
  },
  secrets: ['apiKey', 'secret'],
  nativeId: (listed) => textOf(listed.id),
  // Otherwise ccxt asks the key's permissions before its first socket.
  ccxtOptions: () => ({ enableUnifiedAccount: true, enableUnifiedMargin: true }),
  identity: ({ apiKey = '' }) => apiKey,
  clientId: (clientOrderId) => clientOrderId,
  clientOrderId: (clientId) => (/^[0-9a-f]{32}$/.test(clientId) ? clientId : undefined),
  async place(account, legs) {
    const [first] = legs;
    if (legs.length === 1 && first !== undefined) {
      const { expiresAtMs } = first;
      return [
        outcomeOf(await account.act(at('POST', 'order/create', { ...linear, ...formOf(first) }, { expiresAtMs }))),
      ];
    }
    const expiresAtMs = Math.min(...legs.map((leg) => leg.expiresAtMs));
    const params = { ...linear, request: legs.map(formOf) };
    return batchOutcomes(await account.act(at('POST', 'order/create-batch', params, { expiresAtMs })), legs.length);
  },
  async amend(account, leg, open) {
    const { size, price, triggerPrice } = leg.intent;
    const params = {
      ...{ ...linear, symbol: leg.market.nativeId, orderLinkId: leg.clientId, qty: size },
      ...(price === undefined ? {} : { price }),
      ...(triggerPrice === undefined ? {} : { triggerPrice }),
    };
    const outcome = outcomeOf(await account.act(at('POST', 'order/amend', params, { expiresAtMs: leg.expiresAtMs })));
    return outcome.kind === 'accepted' ? { ...outcome, status: open.status } : outcome;
  },
  readOrders({ url, method, body }) {
    const path = new URL(url).pathname;
    if (method !== 'POST' || !/\/order\/(create|create-batch|amend)$/.test(path)) return undefined;
    const sent = fieldsOf(parseExactly(body));
    const rows = path.endsWith('batch') ? requireRows(venue, sent?.request, 'request') : [sent ?? {}];
    return rows.map((row) => readWire(row, path.endsWith('amend')));
  },
  async cancel(account, { market, clientId, venueOrderId }) {
    const by = clientId === undefined ? { orderId: venueOrderId } : { orderLinkId: clientId };
    return outcomeOf(await account.act(at('POST', 'order/cancel', { ...linear, symbol: market?.nativeId, ...by })));
  },
  async cancelAll(account, markets) {
    for (const { nativeId: symbol } of markets) {
      const outcome = outcomeOf(await account.act(at('POST', 'order/cancel-all', { ...linear, symbol })));
      if (outcome.kind !== 'accepted') return outcome;
    }
    return { kind: 'accepted', venueOrderId: undefined, status: 'canceled' };
  },
  async fetchSetting(account, { nativeId: symbol }) {
    const [position] = await listOf(account, 'position/list', { ...linear, symbol });
    const info = resultOf(await account.read(at('GET', 'account/info', {})));
    return {
      leverage: requireDecimal(venue, position?.leverage, 'leverage'),
      marginMode: textOf(info.marginMode) === 'ISOLATED_MARGIN' ? 'isolated' : 'cross',
    };
  },
  async applySetting(account, { nativeId: symbol }, { leverage, marginMode, present }) {
    if (marginMode !== undefined && marginMode !== present.marginMode) {
      const message = `the account holds margin ${present.marginMode}, ${marginMode} was authorised`;
      throw refusalError(venue, { kind: 'refused', code: '', message });
    }
    const text = String(leverage);
    const params = { ...linear, symbol, buyLeverage: text, sellLeverage: text };
    const answer = await account.act(at('POST', 'position/set-leverage', params));
    const refusal = refusalOf(answer);
    // 110043: it is so already.
    if (refusal !== undefined && refusal.code !== '110043') throw refusalError(venue, refusal);
  },
  /** Of the newest 500 that ended and all that are open at once; older ones of the history. */
  async fetchOrder(account, { clientId, venueOrderId, market }) {
    const by = clientId === undefined ? { orderId: venueOrderId } : { orderLinkId: clientId };
    const where = market === undefined ? { settleCoin: 'USDT' } : { symbol: market.nativeId };
    for (const path of ['order/realtime', 'order/history']) {
      const [row] = await listOf(account, path, { ...linear, ...where, ...by });
      if (row !== undefined) return readOrder(row);
    }
    return undefined;
  },
  async fetchOpenOrders(account) {
    const rows = await pagesOf(account, 'order/realtime', { ...linear, settleCoin: 'USDT', openOnly: 0, limit: 50 });
    return rows.map(readOrder);
  },
  async fetchPositions(account) {
    const rows = await pagesOf(account, 'position/list', { ...linear, settleCoin: 'USDT', limit: 200 });
    const info = resultOf(await account.read(at('GET', 'account/info', {})));
    const marginMode = textOf(info.marginMode) === 'ISOLATED_MARGIN' ? 'isolated' : 'cross';
    return rows.flatMap((row) => readPosition(row, marginMode) ?? []);
  },
  async fetchFills(account, sinceMs) {
    const fills: NativeFill[] = [];
    // A week at a time is what the venue takes.
    for (let startTime = sinceMs; startTime <= account.nowMs(); startTime += weekMs) {
      const params = { ...linear, startTime, endTime: startTime + weekMs - 1, limit: 100 };
      for (const row of await pagesOf(account, 'execution/list', params)) {
        const fill = readFill(row);
        if (fill !== undefined) fills.push(fill);
      }
    }
    return fills.sort((a, b) => a.atMs - b.atMs);
  },
  /** The settlements of the account's log. */
  async fetchFunding(account, sinceMs) {
    const payments: NativeFunding[] = [];
    // A week at a time is what the venue takes.
    for (let startTime = sinceMs; startTime <= account.nowMs(); startTime += weekMs) {
      const params = { accountType: 'UNIFIED', ...linear, currency: 'USDT', type: 'SETTLEMENT' };
      const within = { startTime, endTime: startTime + weekMs - 1, limit: 50 };
      const rows = await pagesOf(account, 'account/transaction-log', { ...params, ...within }, 200);
      payments.push(...rows.flatMap((row) => readFunding(row) ?? []));
    }
    return payments;
  },
  async fetchAccount(account) {
    const [wallet] = await listOf(account, 'account/wallet-balance', { accountType: 'UNIFIED' });
    const read = (name: string): Decimal => requireDecimal(venue, wallet?.[name], name);
    const positions = await pagesOf(account, 'position/list', { ...linear, settleCoin: 'USDT', limit: 200 });
    return {
      ...{ asset: 'USDT', balance: read('totalWalletBalance'), equity: read('totalEquity') },
      ...{ unrealizedPnl: read('totalPerpUPL') },
      usedMargin: amountOf(wallet?.totalInitialMargin) ?? new Decimal(0),
      availableMargin: amountOf(wallet?.totalAvailableBalance) ?? new Decimal(0),
      hedgeMode: positions.some(isHedged),
    };
  },
  async fetchKeyReport(account) {
    const key = resultOf(await account.read(at('GET', 'user/query-api', {})));
    const permissions = fieldsOf(key.permissions) ?? {};
    const has = (group: string): readonly unknown[] => (Array.isArray(permissions[group]) ? permissions[group] : []);
    const positions = await pagesOf(account, 'position/list', { ...linear, settleCoin: 'USDT', limit: 200 });
    return {
      canTrade: textOf(key.readOnly) === '0' && has('ContractTrade').includes('Order'),
      canWithdraw: has('Wallet').some((name) => name === 'Withdraw' || name === 'SubMemberTransfer'),
      hedgeMode: positions.some(isHedged),
    };
  },
  watches: [(exchange) => exchange.watchOrders(), (exchange) => exchange.watchMyTrades()],
  readNews(frame): NativeNews | undefined {
    const message = fieldsOf(frame);
    const topic = textOf(message?.topic) ?? '';
    if (topic === 'position' || topic === 'wallet') return { accountChanged: true };
    const rows = (): readonly Fields[] =>
      requireRows(venue, message?.data, topic).filter(
        ({ category }) => category === undefined || category === 'linear',
      );
    if (topic.startsWith('order')) return { orders: rows().map(readOrder) };
    if (topic.startsWith('execution')) return { fills: rows().flatMap((row) => readFill(row) ?? []) };
    return undefined;
  },
  refusalOf,
};

function refusalOf({ status, json }: WireAnswer): VenueRefusal | undefined {
  const answer = fieldsOf(json);
  const code = textOf(answer?.retCode);
  const message = textOf(answer?.retMsg) ?? '';
  if (status >= 500) return { kind: 'unknown', code: code ?? String(status), message };
  if (code !== undefined && code !== '0') {
    const kind = undecided.has(code) ? 'unknown' : rateCodes.has(code) ? 'rate-limited' : 'refused';
    return { kind, code, message };
  }
  // 403 is the rate of an address.
  if (status === 429 || status === 403) return { kind: 'rate-limited', code: '', message: 'too many requests' };
  return status >= 400 ? { kind: 'unknown', code: String(status), message } : undefined;
}

function outcomeOf(answer: WireAnswer): WireOutcome {
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return refusedOutcome(refusals, refusal);
  const result = fieldsOf(fieldsOf(answer.json)?.result);
  const venueOrderId = textOf(result?.orderId);
  if (textOf(fieldsOf(answer.json)?.retCode) !== '0' || (result?.list === undefined && venueOrderId === undefined))
    return { kind: 'unknown', reason: 'The answer has no order.' };
  return { kind: 'accepted', venueOrderId, status: 'open' };
}

/** Which of a batch were taken stands beside their ids. */
function batchOutcomes(answer: WireAnswer, count: number): readonly WireOutcome[] {
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return new Array<WireOutcome>(count).fill(refusedOutcome(refusals, refusal));
  const list = (value: unknown): readonly unknown[] => {
    const rows = fieldsOf(value)?.list;
    return Array.isArray(rows) ? rows : [];
  };
  const ids = list(fieldsOf(answer.json)?.result);
  const codes = list(fieldsOf(answer.json)?.retExtInfo);
  return Array.from({ length: count }, (_, index): WireOutcome => {
    const told = fieldsOf(codes[index]);
    const code = textOf(told?.code);
    const venueOrderId = textOf(fieldsOf(ids[index])?.orderId);
    if (code !== undefined && code !== '0') {
      const kind = undecided.has(code) ? 'unknown' : 'refused';
      return refusedOutcome(refusals, { kind, code, message: textOf(told?.msg) ?? '' });
    }
    return code === undefined || venueOrderId === undefined
      ? { kind: 'unknown', reason: 'The answer leaves the order out.' }
      : { kind: 'accepted', venueOrderId, status: 'open' };
  });
}

const resultOf = (answer: unknown): Fields => {
  const result = fieldsOf(fieldsOf(answer)?.result);
  if (result === undefined) throw unreadable(venue, 'result');
  return result;
};

async function listOf(account: VenueAccount, path: string, params: Fields): Promise<readonly Fields[]> {
  return requireRows(venue, resultOf(await account.read(at('GET', path, params))).list, path);
}

async function pagesOf(
  account: VenueAccount,
  path: string,
  params: Fields,
  most = mostPages,
): Promise<readonly Fields[]> {
  const rows: Fields[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < most; page += 1) {
    const result = resultOf(await account.read(at('GET', path, cursor === undefined ? params : { ...params, cursor })));
    rows.push(...requireRows(venue, result.list, path));
    cursor = textOf(result.nextPageCursor);
    if (cursor === undefined) return rows;
  }
  throw unreadable(venue, `${path} has more than ${most} pages`);
}
