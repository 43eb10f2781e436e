import { accountOf, type ExchangeContext } from '../exchange-context.ts';
import { wireAccount } from '../wire/wire-account.ts';
import { wireAssetContext, wireMeta } from '../wire/wire-asset.ts';
import { wireDecimal } from '../wire/wire-decimal.ts';
import { wireFrontendOrder } from '../wire/wire-order.ts';
import { addressIn, type InfoHandler } from './info-request.ts';

/** The request the venue's own page makes. */
export const webDataInfo = (context: ExchangeContext): Readonly<Record<string, InfoHandler>> => ({
  webData2: (request) => {
    const account = addressIn(request);
    return account === undefined ? undefined : webData2(context, account);
  },
});

/** All a page shows of an account and the markets at once. */
export function webData2(context: ExchangeContext, account: string): Record<string, unknown> {
  const { engine, records, clock, directory } = context;
  const state = accountOf(context, account);
  const agent = directory.agentsOf(account).find((candidate) => candidate.name === '');
  const open = directory.exists(account) ? engine.openOrders(account) : [];
  return {
    clearinghouseState: wireAccount(state, engine, records, clock.nowMs()),
    leadingVaults: [],
    totalVaultEquity: '0.0',
    openOrders: open.map((order) => wireFrontendOrder(order, (orderId) => engine.order(account, { orderId }))),
    agentAddress: agent?.address ?? null,
    agentValidUntil: agent?.validUntilMs ?? null,
    cumLedger: wireDecimal(state.accountValue, 2),
    meta: wireMeta(engine.assets),
    assetCtxs: engine.assets.map(({ coin }) => wireAssetContext(engine, records, coin)),
    serverTime: clock.nowMs(),
    isVault: directory.leaderOf(account) !== undefined,
    user: account,
    twapStates: [],
    spotState: { balances: [] },
    spotAssetCtxs: [],
    perpsAtOpenInterestCap: [],
  };
}
