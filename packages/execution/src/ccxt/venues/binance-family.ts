import { Decimal } from '@perpdesk/core';
import type { NativeFill, NativeOrder, WireOutcome } from '../native-order.ts';
import { jointOutcome, type RefusalTable, refusalError, refusedOutcome } from '../outcomes.ts';
import type { OrderRef, PlacedLeg, VenueAccount, VenueAdapter, VenueRefusal, WireAnswer } from '../venue-adapter.ts';
import {
  amountOf,
  decimalOf,
  type Fields,
  fieldsOf,
  parseExactly,
  refusedBy,
  requireDecimal,
  requireMs,
  requireRows,
  requireText,
  textOf,
  unreadable,
} from '../wire-values.ts';
import {
  formOf,
  isTrue,
  modeOf,
  positionRows,
  readAlgo,
  readFunding,
  readNews,
  readPlain,
  readPosition,
  readTrade,
  readWire,
  statusAnswered,
} from './binance-family-rows.ts';

/** What Binance and Aster, which took over its interface, do not share. */
export interface BinanceFamilyVenue
  extends Pick<VenueAdapter, 'venue' | 'capabilities' | 'secrets' | 'identity' | 'fetchKeyReport' | 'ccxtOptions'> {
  /** ccxt's group of the signed endpoints, and what stands before their paths. */
  readonly api: string;
  readonly version: string;
  /** The endpoints that tell of positions and balances. */
  readonly positions: { readonly api: string; readonly path: string };
  readonly account: { readonly api: string; readonly path: string };
  /** True where stops and take profits are kept apart, as "algo orders". */
  readonly algoOrders: boolean;
}

/**
 * Refusals by code: developers.binance.com/docs/derivatives/usds-margined-futures/error-code. What is not in it is refused
 * as `order.invalid`.
 */
const refusals: RefusalTable = [
  ...['-2018', '-2019', '-4050', '-4051', '-4131'].map((code) => [code, 'margin.insufficient'] as const),
  ...['-2027', '-2028', '-4028'].map((code) => [code, 'leverage.limit'] as const),
  ...['-1013', '-4003', '-4004', '-4005', '-4164'].map((code) => [code, 'size.below-minimum'] as const),
  ...['-1111', '-4001', '-4002', '-4014', '-4016', '-4024', '-4029'].map((code) => [code, 'price.invalid'] as const),
  ...['-2022', '-4118'].map((code) => [code, 'reduce-only.violated'] as const),
  ...['-4015', '-4116', '-4111'].map((code) => [code, 'order.duplicate'] as const),
  ...['-2011', '-2013'].map((code) => [code, 'order.unknown'] as const),
  ...['-1003', '-1015', '-2034'].map((code) => [code, 'order.throttled'] as const),
  ...['-4140', '-4141', '-2021'].map(
    (code) => [code, code === '-2021' ? 'stop.wrong-side' : 'instrument.not-trading'] as const,
  ),
  ...['-5022'].map((code) => [code, 'order.invalid'] as const),
  ...['-1021', '-5028'].map((code) => [code, 'approval.expired'] as const),
  ...['-1121'].map((code) => [code, 'instrument.unknown'] as const),
  ...['-4061'].map((code) => [code, 'hedge-mode.unsupported'] as const),
  ...['-4045', '-2036'].map((code) => [code, 'operator.limit'] as const),
];
/** Codes with which the venue says that it does not know whether it did: unknown, disconnected, unexpected answer, timeout. */
const undecided = new Set(['-1000', '-1001', '-1006', '-1007']);
const rateCodes = new Set(['-1003', '-1015', '-2034', '-1008']);
const tradesPage = 1_000;
const incomePage = 1_000;
const weekMs = 7 * 86_400_000;

/** The adapter of Binance USDⓈ-M or of a venue with its interface. */
export function binanceFamily(own: BinanceFamilyVenue): VenueAdapter {
  const { venue, api, version, algoOrders, ...stated } = own;
  const at = (path: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', params: Fields, more: object = {}) => ({
    ...{ api, path: `${version}${path}`, method, params },
    ...more,
  });

  const outcomeOf = (row: unknown): WireOutcome => {
    const order = fieldsOf(row);
    const code = textOf(order?.code);
    if (code !== undefined && code !== '200')
      return refusedOutcome(refusals, bodyRefusal(code, textOf(order?.msg) ?? ''));
    const venueOrderId = textOf(order?.orderId) ?? textOf(order?.algoId);
    if (order === undefined || venueOrderId === undefined)
      return { kind: 'unknown', reason: 'The answer has no order.' };
    const filled = decimalOf(order.executedQty);
    const averagePrice = amountOf(order.avgPrice);
    return {
      ...{ kind: 'accepted', venueOrderId, status: statusAnswered(venue, order, filled) },
      ...(filled === undefined ? {} : { filled }),
      ...(averagePrice === undefined ? {} : { averagePrice }),
    };
  };
  const singleOutcome = (answer: WireAnswer): WireOutcome => {
    const refusal = refusalOf(answer);
    return refusal === undefined ? outcomeOf(answer.json) : refusedOutcome(refusals, refusal);
  };
  const requireTaken = (answer: WireAnswer): void => {
    const refusal = refusalOf(answer);
    if (refusal !== undefined) throw refusalError(venue, refusal);
    if (answer.json === undefined) throw unreadable(venue, 'no JSON');
  };

  const placeOne = async (account: VenueAccount, leg: PlacedLeg): Promise<WireOutcome> => {
    const { expiresAtMs } = leg;
    const path = algoOrders && leg.intent.triggerPrice !== undefined ? 'algoOrder' : 'order';
    return singleOutcome(await account.act(at(path, 'POST', formOf(leg, algoOrders), { expiresAtMs })));
  };
  const findConditional = async (account: VenueAccount, ref: OrderRef): Promise<NativeOrder | undefined> => {
    if (!algoOrders || ref.clientId === undefined) return undefined;
    const row = await orUndefined(account.read(at('algoOrder', 'GET', { clientAlgoId: ref.clientId })));
    if (row === undefined) return undefined;
    const order = readAlgo(venue, fieldsOf(row) ?? {});
    const actualId = textOf(fieldsOf(row)?.actualOrderId);
    if (actualId === undefined || actualId === '0') return order;
    // It triggered, and became an ordinary order whose fills are its fills.
    const actual = await orUndefined(account.read(at('order', 'GET', { symbol: order.nativeId, orderId: actualId })));
    if (actual === undefined) return order;
    const { status, filled, averagePrice, updatedAtMs } = readPlain(venue, fieldsOf(actual) ?? {});
    return { ...order, venueOrderId: actualId, status, filled, averagePrice, updatedAtMs };
  };
  const findPlain = async (account: VenueAccount, ref: OrderRef): Promise<NativeOrder | undefined> => {
    if (ref.market === undefined) return undefined;
    const by = ref.clientId === undefined ? { orderId: ref.venueOrderId } : { origClientOrderId: ref.clientId };
    const row = await orUndefined(account.read(at('order', 'GET', { symbol: ref.market.nativeId, ...by })));
    return row === undefined ? undefined : readPlain(venue, fieldsOf(row) ?? {});
  };
  const fetchOpenOrders = async (account: VenueAccount): Promise<readonly NativeOrder[]> => {
    const plain = requireRows(venue, await account.read(at('openOrders', 'GET', {}, { weight: 40 })), 'openOrders');
    const algo = algoOrders
      ? requireRows(venue, await account.read(at('openAlgoOrders', 'GET', {}, { weight: 40 })), 'openAlgoOrders')
      : [];
    return [...plain.map((row) => readPlain(venue, row)), ...algo.map((row) => readAlgo(venue, row))];
  };

  const adapter: VenueAdapter = {
    ...stated,
    venue,
    nativeId: (listed) => textOf(listed.id),
    clientId: (clientOrderId) => clientOrderId,
    clientOrderId: (clientId) => (/^[0-9a-f]{32}$/.test(clientId) ? clientId : undefined),
    async place(account, legs) {
      const plain = legs.filter(({ intent }) => !algoOrders || intent.triggerPrice === undefined);
      const outcomes = new Map<PlacedLeg, WireOutcome>();
      if (plain.length > 1) {
        const expiresAtMs = Math.min(...plain.map((leg) => leg.expiresAtMs));
        const batchOrders = plain.map((leg) => formOf(leg, algoOrders));
        const answer = await account.act(at('batchOrders', 'POST', { batchOrders }, { expiresAtMs, weight: 5 }));
        const refusal = refusalOf(answer);
        const rows = Array.isArray(answer.json) ? answer.json : [];
        for (const [index, leg] of plain.entries())
          outcomes.set(leg, refusal === undefined ? outcomeOf(rows[index]) : refusedOutcome(refusals, refusal));
      }
      for (const leg of legs) if (!outcomes.has(leg)) outcomes.set(leg, await placeOne(account, leg));
      return legs.map((leg) => outcomes.get(leg) ?? { kind: 'unknown', reason: 'The answer leaves the order out.' });
    },
    readOrders({ url, method, body }) {
      const path = new URL(url).pathname;
      if (method !== 'POST' || !/\/(order|algoOrder|batchOrders)$/.test(path)) return undefined;
      const form = Object.fromEntries(new URLSearchParams(body));
      if (!path.endsWith('/batchOrders')) return [readWire(venue, form)];
      return requireRows(venue, parseExactly(form.batchOrders ?? ''), 'batchOrders').map((row) => readWire(venue, row));
    },
    async cancel(account, ref) {
      const conditional = algoOrders && ref.conditional === true;
      const request = conditional
        ? at(
            'algoOrder',
            'DELETE',
            ref.clientId === undefined ? { algoId: ref.venueOrderId } : { clientAlgoId: ref.clientId },
          )
        : at('order', 'DELETE', {
            symbol: ref.market?.nativeId,
            ...(ref.clientId === undefined ? { orderId: ref.venueOrderId } : { origClientOrderId: ref.clientId }),
          });
      const outcome = singleOutcome(await account.act(request));
      return outcome.kind === 'accepted' ? { ...outcome, status: 'canceled' } : cancelOf(outcome, conditional);
    },
    async cancelAll(account, markets) {
      const outcomes: WireOutcome[] = [];
      const paths = algoOrders ? ['allOpenOrders', 'algoOpenOrders'] : ['allOpenOrders'];
      for (const { nativeId: symbol } of markets) {
        for (const path of paths) {
          const refusal = refusalOf(await account.act(at(path, 'DELETE', { symbol })));
          outcomes.push(
            refusal === undefined
              ? { kind: 'accepted', venueOrderId: undefined, status: 'canceled' }
              : refusedOutcome(refusals, refusal),
          );
        }
      }
      return jointOutcome(outcomes);
    },
    async fetchSetting(account, market) {
      const row = (await positionRows(own, account)).find(({ symbol }) => symbol === market.nativeId);
      if (row === undefined) throw unreadable(venue, `the leverage of ${market.nativeId}`);
      return { leverage: requireDecimal(venue, row.leverage, 'leverage'), marginMode: modeOf(row) };
    },
    async applySetting(account, { nativeId: symbol }, { leverage, marginMode, present }) {
      if (marginMode !== undefined && marginMode !== present.marginMode) {
        const marginType = marginMode === 'cross' ? 'CROSSED' : 'ISOLATED';
        const answer = await account.act(at('marginType', 'POST', { symbol, marginType }));
        // It is so already.
        if (textOf(fieldsOf(answer.json)?.code) !== '-4046') requireTaken(answer);
      }
      if (present.leverage === undefined || !present.leverage.equals(leverage))
        requireTaken(await account.act(at('leverage', 'POST', { symbol, leverage })));
    },
    async fetchOrder(account, ref) {
      const first = ref.conditional === true ? findConditional : findPlain;
      const second = ref.conditional === true ? findPlain : findConditional;
      const found = (await first(account, ref)) ?? (ref.conditional === false ? undefined : await second(account, ref));
      if (found !== undefined || ref.market !== undefined) return found;
      const open = (await fetchOpenOrders(account)).find(
        ({ clientId }) => clientId !== undefined && clientId === ref.clientId,
      );
      // That it is not open says nothing of whether it ever was.
      if (open === undefined) throw refusedBy(venue, 'an order can be asked for only by its instrument');
      return open;
    },
    fetchOpenOrders,
    async fetchPositions(account) {
      return (await positionRows(own, account)).flatMap((row) => readPosition(venue, row) ?? []);
    },
    /** Trades are told by symbol; what was traded is in the account's income. */
    async fetchFills(account, sinceMs) {
      const rows = await incomeOf(account, 'COMMISSION', sinceMs);
      const symbols = new Set(rows.map((row) => requireText(venue, row.symbol, 'symbol')));
      const fills: NativeFill[] = [];
      for (const symbol of symbols) fills.push(...(await tradesOf(account, symbol, sinceMs)));
      return fills.sort((a, b) => a.atMs - b.atMs);
    },
    async fetchFunding(account, sinceMs) {
      return (await incomeOf(account, 'FUNDING_FEE', sinceMs)).map((row) => readFunding(venue, row));
    },
    async fetchAccount(account) {
      const state = fieldsOf(await account.read({ ...own.account, method: 'GET', params: {}, weight: 5 }));
      const mode = fieldsOf(await account.read(at('positionSide/dual', 'GET', {}, { weight: 30 })));
      const read = (name: string): Decimal => requireDecimal(venue, state?.[name], name);
      return {
        ...{ asset: 'USDT', balance: read('totalWalletBalance'), equity: read('totalMarginBalance') },
        ...{ unrealizedPnl: read('totalUnrealizedProfit'), usedMargin: read('totalInitialMargin') },
        ...{ availableMargin: read('availableBalance'), hedgeMode: isTrue(mode?.dualSidePosition) },
      };
    },
    shortestDeadManMs: 5_000,
    async setDeadMan(account, afterMs, markets) {
      const outcomes: WireOutcome[] = [];
      for (const { nativeId: symbol } of markets) {
        const request = at('countdownCancelAll', 'POST', { symbol, countdownTime: afterMs ?? 0 }, { weight: 10 });
        const refusal = refusalOf(await account.act(request));
        outcomes.push(
          refusal === undefined
            ? { kind: 'accepted', venueOrderId: undefined, status: 'open' }
            : refusedOutcome(refusals, refusal),
        );
      }
      return jointOutcome(outcomes);
    },
    watches: [(exchange) => exchange.watchOrders(undefined, undefined, undefined, { type: 'swap' })],
    readNews: (frame) => readNews(venue, frame),
    refusalOf,
  };
  return adapter;

  /** Income of a kind since an instant; what is at the seam of two pages twice. */
  async function incomeOf(
    account: VenueAccount,
    incomeType: 'COMMISSION' | 'FUNDING_FEE',
    sinceMs: number,
  ): Promise<readonly Fields[]> {
    const rows: Fields[] = [];
    for (let startTime = sinceMs; ; ) {
      const request = at('income', 'GET', { incomeType, startTime, limit: incomePage }, { weight: 30 });
      const page = requireRows(venue, await account.read(request), 'income');
      rows.push(...page.filter((row) => row.incomeType === incomeType));
      const last = page.at(-1);
      if (last === undefined || page.length < incomePage) return rows;
      const lastAtMs = requireMs(venue, last.time, 'time');
      startTime = lastAtMs > startTime ? lastAtMs : startTime + 1;
    }
  }

  async function tradesOf(account: VenueAccount, symbol: string, sinceMs: number): Promise<readonly NativeFill[]> {
    const rows: Fields[] = [];
    // A week at a time is what the venue takes.
    for (let startTime = sinceMs; startTime <= account.nowMs(); startTime += weekMs) {
      const endTime = startTime + weekMs - 1;
      let from: Fields = { startTime, endTime };
      for (;;) {
        const request = at('userTrades', 'GET', { symbol, limit: tradesPage, ...from }, { weight: 5 });
        const page = requireRows(venue, await account.read(request), 'userTrades');
        rows.push(...page);
        const last = page.at(-1);
        if (last === undefined || page.length < tradesPage) break;
        from = { fromId: new Decimal(requireText(venue, last.id, 'id')).plus(1).toFixed() };
      }
    }
    const clientIds = new Map<string, string>();
    for (const orderId of new Set(rows.map((row) => requireText(venue, row.orderId, 'orderId')))) {
      const order = fieldsOf(await orUndefined(account.read(at('order', 'GET', { symbol, orderId }))));
      const clientId = textOf(order?.clientOrderId);
      if (clientId !== undefined) clientIds.set(orderId, clientId);
    }
    return rows.map((row) => readTrade(venue, row, clientIds));
  }
}

function refusalOf({ status, json }: WireAnswer): VenueRefusal | undefined {
  const answer = fieldsOf(json);
  const code = textOf(answer?.code);
  if (status >= 500) return { kind: 'unknown', code: code ?? String(status), message: textOf(answer?.msg) ?? '' };
  if (code !== undefined && code !== '200') return bodyRefusal(code, textOf(answer?.msg) ?? '');
  if (status === 429 || status === 418) return { kind: 'rate-limited', code: '', message: 'too many requests' };
  if (status >= 400) return { kind: 'unknown', code: String(status), message: '' };
  return undefined;
}

function bodyRefusal(code: string, message: string): VenueRefusal {
  const kind = undecided.has(code) ? 'unknown' : rateCodes.has(code) ? 'rate-limited' : 'refused';
  return { kind, code, message };
}

/** The venue's "no such order", as nothing. */
async function orUndefined(reading: Promise<unknown>): Promise<unknown> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && / refused: (-2013|-2011)\b/.test(error.message)) return undefined;
    throw error;
  }
}

/** Cancelling what is not open: the venue does not say whether it ever was. */
const cancelOf = (outcome: WireOutcome, conditional: boolean): WireOutcome =>
  outcome.kind === 'rejected' && conditional && outcome.code === 'order.invalid'
    ? { ...outcome, code: 'order.unknown' }
    : outcome;
