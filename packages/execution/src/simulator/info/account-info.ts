import type { EngineOrderState } from '../engine/exchange-engine.ts';
import { accountOf, type ExchangeContext } from '../exchange-context.ts';
import { wireAccount, wireActiveAsset } from '../wire/wire-account.ts';
import { wireDecimal } from '../wire/wire-decimal.ts';
import { aggregateFills, wireFill } from '../wire/wire-fill.ts';
import { wireFrontendOrder, wireOpenOrder, wireOrderWithStatus } from '../wire/wire-order.ts';
import { accountFundings, accountLedger } from './account-history.ts';
import { addressIn, type InfoHandler, type InfoRequest, numberIn, otherDex } from './info-request.ts';

const shownFills = 2_000;

/** The requests that ask for an account's margin, orders and fills. */
export function accountInfo(context: ExchangeContext): Readonly<Record<string, InfoHandler>> {
  const { engine, records, clock, limiter } = context;
  const finder = (account: string) => (orderId: number) => engine.order(account, { orderId });
  /** Reads the account a request is about and answers for it; unreadable without one. */
  const of =
    (answer: (account: string, request: InfoRequest) => unknown): InfoHandler =>
    (request) => {
      const account = addressIn(request);
      return account === undefined ? undefined : answer(account, request);
    };
  const open = (account: string, request: InfoRequest): readonly EngineOrderState[] =>
    otherDex(request) || !context.directory.exists(account) ? [] : engine.openOrders(account);
  const fills = (account: string, fromMs: number, toMs?: number) =>
    context.directory.exists(account) ? engine.fills(account, fromMs, toMs) : [];
  return {
    clearinghouseState: of((account, request) =>
      wireAccount(accountOf(context, otherDex(request) ? '' : account), engine, records, clock.nowMs()),
    ),
    openOrders: of((account, request) => open(account, request).map(wireOpenOrder)),
    frontendOpenOrders: of((account, request) =>
      open(account, request).map((order) => wireFrontendOrder(order, finder(account))),
    ),
    historicalOrders: of((account) =>
      context.directory.exists(account)
        ? engine.historicalOrders(account).map((order) => wireOrderWithStatus(order, finder(account)))
        : [],
    ),
    orderStatus: of((account, { oid }) => {
      const target = orderTarget(oid);
      if (target === undefined) return undefined;
      const order = context.directory.exists(account) ? engine.order(account, target) : undefined;
      return order === undefined
        ? { status: 'unknownOid' }
        : { status: 'order', order: wireOrderWithStatus(order, finder(account)) };
    }),
    userFills: of((account, request) => {
      const all = fills(account, 0);
      const shown = request.aggregateByTime === true ? aggregateFills(all) : all;
      return shown.slice(-shownFills).reverse().map(wireFill);
    }),
    userFillsByTime: of((account, request) => {
      const some = fills(account, numberIn(request, 'startTime', 0), numberIn(request, 'endTime', Infinity));
      const shown = request.aggregateByTime === true ? aggregateFills(some) : some;
      return shown.slice(0, shownFills).map(wireFill);
    }),
    userFunding: of((account, request) => accountFundings(context, account, request)),
    userNonFundingLedgerUpdates: of((account, request) => accountLedger(context, account, request)),
    activeAssetData: of((account, { coin }) =>
      engine.assets.some((asset) => asset.coin === coin)
        ? wireActiveAsset(accountOf(context, account), engine, String(coin))
        : undefined,
    ),
    userRateLimit: of((account) => {
      const traded = records.traded(account);
      const cap = Number.isFinite(limiter.limits.actionsBeforeTrading) ? limiter.limits.actionsBeforeTrading : 10_000;
      return {
        cumVlm: wireDecimal(traded, 2),
        nRequestsUsed: limiter.actionsOf(account),
        nRequestsCap: cap + Math.floor(traded.toNumber()),
        nRequestsSurplus: 0,
      };
    }),
  };
}

/** Reads an order's number or client id; undefined when it is neither. */
export function orderTarget(
  value: unknown,
): { readonly orderId: number } | { readonly clientOrderId: string } | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return { orderId: value };
  if (typeof value === 'string' && /^0x[0-9a-f]{32}$/i.test(value)) return { clientOrderId: value.toLowerCase() };
  return undefined;
}
