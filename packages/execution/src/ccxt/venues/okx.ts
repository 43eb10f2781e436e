import { Decimal } from '@perpdesk/core';
import type { NativeOrder, WireOutcome } from '../native-order.ts';
import { type RefusalTable, refusalError, refusedOutcome } from '../outcomes.ts';
import type {
  NativeNews,
  OrderRef,
  PlacedLeg,
  VenueAccount,
  VenueAdapter,
  VenueRefusal,
  WireAnswer,
} from '../venue-adapter.ts';
import {
  amountOf,
  decimalOf,
  type Fields,
  fieldsOf,
  parseExactly,
  refusedBy,
  requireDecimal,
  requireRows,
  requireText,
  textOf,
  unreadable,
} from '../wire-values.ts';
import {
  actualIdOf,
  algoFormOf,
  contractsOf,
  formOf,
  modeOf,
  readAlgo,
  readFill,
  readFillNews,
  readFunding,
  readPlain,
  readPosition,
  readWire,
} from './okx-rows.ts';

const venue = 'okx';
const pageLength = 100;
const mostPages = 50;
/** How far back the newest bills go; older ones are in the archive, of three months. */
const newestBillsMs = 7 * 86_400_000;

/** Refusals by code: okx.com/docs-v5 (error codes). */
const refusals: RefusalTable = [
  ...['51008', '51119', '51127', '51131', '51502', '59108'].map((code) => [code, 'margin.insufficient'] as const),
  ...['51000', '51006', '51116', '51121', '51137', '51138'].map(
    (code) => [code, code === '51121' ? 'size.invalid' : code === '51000' ? 'order.invalid' : 'price.invalid'] as const,
  ),
  ...['51020', '51120'].map((code) => [code, 'size.below-minimum'] as const),
  ...['51004', '51010', '51011', '51101', '51103', '51202'].map((code) => [code, 'order-size.limit'] as const),
  ...['51016', '51065', '51066'].map((code) => [code, 'order.duplicate'] as const),
  ...['51112', '51169', '51170', '51205'].map((code) => [code, 'reduce-only.violated'] as const),
  ...['51400', '51401', '51402', '51405', '51410', '51503', '51509', '51510'].map(
    (code) => [code, 'order.final'] as const,
  ),
  ...['51603', '51302'].map((code) => [code, 'order.unknown'] as const),
  ...['50011', '50061', '51113'].map((code) => [code, 'order.throttled'] as const),
  ...['51001'].map((code) => [code, 'instrument.unknown'] as const),
  ...['51021', '51022', '51023', '51027', '51030'].map((code) => [code, 'instrument.not-trading'] as const),
  ...['51277', '51278', '51279', '51280'].map((code) => [code, 'stop.wrong-side'] as const),
  ...['59102', '59200', '59104'].map((code) => [code, 'leverage.limit'] as const),
  ...['51400'].map((code) => [code, 'order.final'] as const),
  ...['51149', '50102', '50112'].map((code) => [code, 'approval.expired'] as const),
];
/** Codes with which the venue says that it does not know: endpoint timeouts, system errors and busyness. */
const undecided = new Set(['50004', '50001', '50013', '50026', '51054', '51148']);
const rateCodes = new Set(['50011', '50061', '51113']);

const at = (method: 'GET' | 'POST', path: string, params: Fields | readonly Fields[], more: object = {}) => ({
  ...{ api: 'private', path, method, params },
  ...more,
});

/**
 * OKX swaps. Sizes are contracts. Conditional orders are "algo orders" with endpoints of their own and ids of their own; here both are
 * always asked. Orders carry an expiry, conditional ones only their timestamp, which is taken for 30 s. Margin mode goes with
 * each order. Names: okx.com/docs-v5 (order book trading, trading account).
 */
export const okx: VenueAdapter = {
  venue,
  capabilities: {
    kind: 'live',
    amend: true,
    protection: 'replace-in-place',
    marginModes: ['isolated', 'cross'],
    postOnly: true,
    clientOrderIds: 'unique-among-open',
    maxBatch: 20,
    nativeProtection: 'order',
    cancelAll: 'one-by-one',
    deadMansSwitch: 'account',
    landsLateByMs: 30_000,
  },
  secrets: ['apiKey', 'secret', 'password'],
  nativeId: (listed) => textOf(listed.id),
  identity: ({ apiKey = '' }) => apiKey,
  clientId: (clientOrderId) => clientOrderId,
  clientOrderId: (clientId) => (/^[0-9a-f]{32}$/.test(clientId) ? clientId : undefined),
  async place(account, legs) {
    const plain = legs.filter(({ intent }) => intent.triggerPrice === undefined);
    const outcomes = new Map<PlacedLeg, WireOutcome>();
    if (plain.length > 0) {
      const expiresAtMs = Math.min(...plain.map((leg) => leg.expiresAtMs));
      const request =
        plain.length === 1
          ? at('POST', 'trade/order', formOf(plain[0] as PlacedLeg), { expiresAtMs })
          : at('POST', 'trade/batch-orders', plain.map(formOf), { expiresAtMs });
      const answers = rowOutcomes(await account.act(request), plain.length, 'ordId');
      for (const [index, leg] of plain.entries()) outcomes.set(leg, answers[index] ?? lost);
    }
    for (const leg of legs) {
      if (outcomes.has(leg)) continue;
      const [outcome] = rowOutcomes(await account.act(at('POST', 'trade/order-algo', algoFormOf(leg))), 1, 'algoId');
      outcomes.set(leg, outcome ?? lost);
    }
    return legs.map((leg) => outcomes.get(leg) ?? lost);
  },
  async amend(account, { intent, market, clientId, expiresAtMs }, open) {
    const size = contractsOf(intent.size, market.unit);
    const request = open.conditional
      ? at('POST', 'trade/amend-algos', {
          ...{ instId: market.nativeId, algoClOrdId: clientId, newSz: size },
          ...(open.type === 'stop-market'
            ? { newSlTriggerPx: intent.triggerPrice, newSlOrdPx: '-1', newSlTriggerPxType: 'mark' }
            : { newTpTriggerPx: intent.triggerPrice, newTpOrdPx: '-1', newTpTriggerPxType: 'mark' }),
        })
      : at(
          'POST',
          'trade/amend-order',
          { instId: market.nativeId, clOrdId: clientId, newSz: size, newPx: intent.price },
          { expiresAtMs },
        );
    const [outcome] = rowOutcomes(await account.act(request), 1, open.conditional ? 'algoId' : 'ordId');
    return outcome?.kind === 'accepted' ? { ...outcome, status: open.status } : (outcome ?? lost);
  },
  readOrders({ url, method, body }) {
    const path = new URL(url).pathname;
    if (method !== 'POST' || !/\/trade\/(order|batch-orders|order-algo|amend-order|amend-algos)$/.test(path))
      return undefined;
    const sent = parseExactly(body);
    return (Array.isArray(sent) ? sent : [sent]).map((row) => readWire(fieldsOf(row) ?? {}));
  },
  async cancel(account, { market, clientId, venueOrderId, conditional }) {
    const instId = market?.nativeId;
    const by = (own: string, theirs: string) =>
      clientId === undefined ? { [theirs]: venueOrderId } : { [own]: clientId };
    const request = conditional
      ? at('POST', 'trade/cancel-algos', [{ instId, ...by('algoClOrdId', 'algoId') }])
      : at('POST', 'trade/cancel-order', { instId, ...by('clOrdId', 'ordId') });
    const [outcome] = rowOutcomes(await account.act(request), 1, conditional ? 'algoId' : 'ordId');
    return outcome ?? lost;
  },
  /** Leverage is by margin mode. */
  async fetchSetting(account, { nativeId: instId }) {
    const [position] = (await rowsOf(account, 'account/positions', { instType: 'SWAP', instId })).filter(({ pos }) =>
      amountOf(pos),
    );
    const marginMode = position === undefined ? 'isolated' : modeOf(position.mgnMode);
    const [info] = await rowsOf(account, 'account/leverage-info', { instId, mgnMode: marginMode });
    return {
      leverage: requireDecimal(venue, info?.lever, 'lever'),
      marginMode: position === undefined ? undefined : marginMode,
    };
  },
  async applySetting(account, { nativeId: instId }, { leverage, marginMode, present }) {
    const mgnMode = marginMode ?? present.marginMode ?? 'isolated';
    const answer = await account.act(at('POST', 'account/set-leverage', { instId, lever: String(leverage), mgnMode }));
    const refusal = refusalOf(answer);
    if (refusal !== undefined) throw refusalError(venue, refusal);
  },
  async fetchOrder(account, ref) {
    const algo = ref.conditional === true ? await findAlgo(account, ref) : undefined;
    const found =
      algo ??
      (await findPlain(account, ref)) ??
      (ref.conditional === undefined ? await findAlgo(account, ref) : undefined);
    if (found !== undefined || ref.market !== undefined) return found;
    const open = (await okx.fetchOpenOrders(account)).find(
      ({ clientId }) => clientId !== undefined && clientId === ref.clientId,
    );
    // That it is not open says nothing of whether it ever was.
    if (open === undefined) throw refusedBy(venue, 'an order can be asked for only by its instrument');
    return open;
  },
  async fetchOpenOrders(account) {
    const plain = await pagesOf(account, 'trade/orders-pending', { instType: 'SWAP' }, 'ordId');
    const algo: Fields[] = [];
    for (const ordType of ['conditional', 'oco', 'trigger'])
      algo.push(...(await pagesOf(account, 'trade/orders-algo-pending', { ordType, instType: 'SWAP' }, 'algoId')));
    return [...plain.map(readPlain), ...algo.map(readAlgo)];
  },
  async fetchPositions(account) {
    const rows = await rowsOf(account, 'account/positions', { instType: 'SWAP' });
    return rows.flatMap((row) => readPosition(row) ?? []);
  },
  async fetchFills(account, sinceMs) {
    const rows = await pagesOf(account, 'trade/fills-history', { instType: 'SWAP', begin: sinceMs }, 'billId');
    return rows.map(readFill).sort((a, b) => a.atMs - b.atMs);
  },
  async fetchFunding(account, sinceMs) {
    const path = sinceMs < account.nowMs() - newestBillsMs ? 'account/bills-archive' : 'account/bills';
    const rows = await pagesOf(account, path, { instType: 'SWAP', type: '8', begin: sinceMs }, 'billId', 200);
    return rows.filter(({ type }) => textOf(type) === '8').map(readFunding);
  },
  async fetchAccount(account) {
    const [state] = await rowsOf(account, 'account/balance', { ccy: 'USDT' });
    const [config] = await rowsOf(account, 'account/config', {});
    const [detail] = requireRows(venue, state?.details, 'details').filter(({ ccy }) => ccy === 'USDT');
    const zero = new Decimal(0);
    const equity = detail === undefined ? zero : requireDecimal(venue, detail.eq, 'eq');
    const unrealizedPnl = decimalOf(detail?.upl) ?? zero;
    return {
      ...{ asset: 'USDT', equity, unrealizedPnl, balance: equity.minus(unrealizedPnl) },
      usedMargin: (decimalOf(detail?.imr) ?? zero).plus(decimalOf(detail?.isoEq) ?? zero),
      availableMargin: decimalOf(detail?.availEq) ?? decimalOf(detail?.availBal) ?? zero,
      hedgeMode: textOf(config?.posMode) === 'long_short_mode',
    };
  },
  async fetchKeyReport(account) {
    const [config] = await rowsOf(account, 'account/config', {});
    const permissions = (textOf(config?.perm) ?? '').split(',');
    return {
      canTrade: permissions.includes('trade'),
      canWithdraw: permissions.includes('withdraw'),
      hedgeMode: textOf(config?.posMode) === 'long_short_mode',
    };
  },
  shortestDeadManMs: 10_000,
  async setDeadMan(account, afterMs) {
    const timeOut = afterMs === undefined ? '0' : String(Math.ceil(afterMs / 1_000));
    const refusal = refusalOf(await account.act(at('POST', 'trade/cancel-all-after', { timeOut })));
    return refusal === undefined
      ? { kind: 'accepted', venueOrderId: undefined, status: 'open' }
      : refusedOutcome(refusals, refusal);
  },
  watches: [
    (exchange) => exchange.watchOrders(undefined, undefined, undefined, { type: 'swap' }),
    (exchange) => exchange.watchOrders(undefined, undefined, undefined, { type: 'swap', trigger: true }),
  ],
  readNews(frame): NativeNews | undefined {
    const message = fieldsOf(frame);
    const channel = textOf(fieldsOf(message?.arg)?.channel);
    if (message?.data === undefined) return undefined;
    if (channel === 'orders-algo') return { orders: requireRows(venue, message.data, channel).map(readAlgo) };
    if (channel === 'positions' || channel === 'account') return { accountChanged: true };
    if (channel !== 'orders') return undefined;
    const rows = requireRows(venue, message.data, channel);
    return { orders: rows.map(readPlain), fills: rows.flatMap((row) => readFillNews(row) ?? []) };
  },
  refusalOf,
};

const lost: WireOutcome = { kind: 'unknown', reason: 'The answer leaves the order out.' };

function refusalOf({ status, json }: WireAnswer): VenueRefusal | undefined {
  const answer = fieldsOf(json);
  const code = textOf(answer?.code);
  const message = textOf(answer?.msg) ?? '';
  if (status >= 500) return { kind: 'unknown', code: code ?? String(status), message };
  // 1 and 2: all or some of the rows failed, each with a code of its own.
  if (code !== undefined && !['0', '1', '2'].includes(code)) return refusalBy(code, message);
  if (code === '1' && !hasRowCodes(answer)) return refusalBy(code, message);
  if (status === 429) return { kind: 'rate-limited', code: '', message: 'too many requests' };
  return status >= 400 && code === undefined ? { kind: 'unknown', code: String(status), message } : undefined;
}

const refusalBy = (code: string, message: string): VenueRefusal => ({
  kind: undecided.has(code) ? 'unknown' : rateCodes.has(code) ? 'rate-limited' : 'refused',
  code,
  message,
});

const hasRowCodes = (answer: Fields | undefined): boolean =>
  Array.isArray(answer?.data) && answer.data.some((row) => textOf(fieldsOf(row)?.sCode) !== undefined);

function rowOutcomes(answer: WireAnswer, count: number, id: 'ordId' | 'algoId'): readonly WireOutcome[] {
  const refusal = refusalOf(answer);
  if (refusal !== undefined) return new Array<WireOutcome>(count).fill(refusedOutcome(refusals, refusal));
  const data = fieldsOf(answer.json)?.data;
  const rows = Array.isArray(data) ? data : [];
  return Array.from({ length: count }, (_, index): WireOutcome => {
    const row = fieldsOf(rows[index]);
    const code = textOf(row?.sCode);
    if (code === undefined) return lost;
    if (code !== '0') return refusedOutcome(refusals, refusalBy(code, textOf(row?.sMsg) ?? ''));
    return { kind: 'accepted', venueOrderId: textOf(row?.[id]), status: 'open' };
  });
}

async function rowsOf(account: VenueAccount, path: string, params: Fields): Promise<readonly Fields[]> {
  const answer = fieldsOf(await account.read(at('GET', path, params)));
  if (textOf(answer?.code) !== '0') throw unreadable(venue, path);
  return requireRows(venue, answer?.data, path);
}

async function pagesOf(
  account: VenueAccount,
  path: string,
  params: Fields,
  id: string,
  most = mostPages,
): Promise<readonly Fields[]> {
  const rows: Fields[] = [];
  let after: Fields = {};
  for (let page = 0; page < most; page += 1) {
    const found = await rowsOf(account, path, { ...params, limit: pageLength, ...after });
    rows.push(...found);
    if (found.length < pageLength) return rows;
    after = { after: requireText(venue, found.at(-1)?.[id], id) };
  }
  throw unreadable(venue, `${path} has more than ${most} pages`);
}

/** The venue's "no such order", as nothing. */
async function orUndefined(reading: Promise<readonly Fields[]>): Promise<Fields | undefined> {
  try {
    return (await reading)[0];
  } catch (error) {
    if (error instanceof Error && / refused: (51603|51001 .*order|51503)\b/.test(error.message)) return undefined;
    throw error;
  }
}

async function findPlain(
  account: VenueAccount,
  { market, clientId, venueOrderId }: OrderRef,
): Promise<NativeOrder | undefined> {
  if (market === undefined) return undefined;
  const by = clientId === undefined ? { ordId: venueOrderId } : { clOrdId: clientId };
  const row = await orUndefined(rowsOf(account, 'trade/order', { instId: market.nativeId, ...by }));
  return row === undefined ? undefined : readPlain(row);
}

/** Asked for by its own id alone. Once it triggered, what it became says how it stands. */
async function findAlgo(account: VenueAccount, { clientId, venueOrderId }: OrderRef): Promise<NativeOrder | undefined> {
  const by = clientId === undefined ? { algoId: venueOrderId } : { algoClOrdId: clientId };
  const row = await orUndefined(rowsOf(account, 'trade/order-algo', by));
  if (row === undefined) return undefined;
  const order = readAlgo(row);
  const ordId = actualIdOf(row);
  if (ordId === undefined) return order;
  const actual = await orUndefined(rowsOf(account, 'trade/order', { instId: order.nativeId, ordId }));
  if (actual === undefined) return order;
  const { status, filled, averagePrice, updatedAtMs } = readPlain(actual);
  return { ...order, venueOrderId: ordId, status, filled, averagePrice, updatedAtMs };
}
