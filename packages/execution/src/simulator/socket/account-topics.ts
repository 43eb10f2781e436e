import type { EngineFill } from '../engine/exchange-engine.ts';
import { accountOf, type ExchangeContext } from '../exchange-context.ts';
import { accountLedger } from '../info/account-history.ts';
import { addressIn, type InfoRequest } from '../info/info-request.ts';
import { webData2 } from '../info/web-data.ts';
import type { ExchangeChanges } from '../records/exchange-changes.ts';
import { wireAccount, wireActiveAsset } from '../wire/wire-account.ts';
import { wireDecimal } from '../wire/wire-decimal.ts';
import { aggregateFills, wireFill, wireFunding } from '../wire/wire-fill.ts';
import { wireFrontendOrder, wireOpenOrder, wireOrderWithStatus } from '../wire/wire-order.ts';
import type { Subscription, SubscriptionTopic } from './subscription-topic.ts';
import { userEvents } from './user-events.ts';

const shownFills = 2_000;

/** The subscriptions to an account. */
export function accountTopics(context: ExchangeContext): Readonly<Record<string, SubscriptionTopic>> {
  const { engine, records, clock, directory } = context;
  const read = (request: InfoRequest): { user: string } | undefined => {
    const user = addressIn(request);
    return user === undefined ? undefined : { user };
  };
  const user = (subscription: Subscription): string => String(subscription.user);
  const finder = (account: string) => (orderId: number) => engine.order(account, { orderId });
  const state = (account: string): Record<string, unknown> =>
    wireAccount(accountOf(context, account), engine, records, clock.nowMs());
  /** A topic that shows how an account stands, whenever anything of it has changed. */
  const standing = (
    show: (account: string, subscription: Subscription) => unknown,
    readAlso: (request: InfoRequest) => Readonly<Record<string, unknown>> | undefined = () => ({}),
  ): SubscriptionTopic => ({
    read: (request) => {
      const named = read(request);
      const also = readAlso(request);
      return named === undefined || also === undefined ? undefined : { ...named, ...also };
    },
    initial: (subscription) => [show(user(subscription), subscription)],
    update: (subscription, changes) =>
      changes.accounts.has(user(subscription)) ? [show(user(subscription), subscription)] : [],
  });
  /** A topic that begins with what was (`isSnapshot`) and goes on with what comes. */
  const history = (
    name: string,
    past: (account: string) => readonly unknown[],
    fresh: (account: string, changes: ExchangeChanges) => readonly unknown[],
  ): SubscriptionTopic => ({
    read,
    initial: (subscription) => [{ user: user(subscription), [name]: past(user(subscription)), isSnapshot: true }],
    update: (subscription, changes) => {
      const items = fresh(user(subscription), changes);
      return items.length === 0 ? [] : [{ user: user(subscription), [name]: items }];
    },
  });
  const fillsOf = (fills: readonly EngineFill[], { aggregateByTime }: Subscription): unknown[] =>
    (aggregateByTime === true ? aggregateFills(fills) : fills).map(wireFill);
  const dex = (request: InfoRequest) => ({ dex: typeof request.dex === 'string' ? request.dex : '' });
  const never = (): readonly unknown[] => [];
  return {
    orderUpdates: {
      read,
      initial: never,
      update: (subscription, changes) => {
        const orders = changes.orders.get(user(subscription)) ?? [];
        if (orders.length === 0) return [];
        return [
          orders.map((order) => ({
            order: wireOpenOrder(order),
            status: order.status,
            statusTimestamp: order.statusAtMs,
          })),
        ];
      },
    },
    userEvents: {
      channel: 'user',
      read,
      initial: never,
      update: (subscription, changes) => userEvents(user(subscription), changes),
    },
    userFills: {
      read: (request) => {
        const named = read(request);
        const { aggregateByTime } = request;
        return named && { ...named, ...(typeof aggregateByTime === 'boolean' ? { aggregateByTime } : {}) };
      },
      initial: (subscription) => {
        const account = user(subscription);
        const past = directory.exists(account) ? engine.fills(account, 0).slice(-shownFills) : [];
        return [{ user: account, fills: fillsOf(past, subscription).reverse(), isSnapshot: true }];
      },
      update: (subscription, changes) => {
        const fresh = changes.fills.get(user(subscription));
        return fresh === undefined ? [] : [{ user: user(subscription), fills: fillsOf(fresh, subscription) }];
      },
    },
    userFundings: history(
      'fundings',
      (account) => records.fundings(account).map(wireFunding),
      (account, changes) => (changes.fundings.get(account) ?? []).map(wireFunding),
    ),
    userHistoricalOrders: history(
      'orderHistory',
      (account) =>
        directory.exists(account)
          ? engine.historicalOrders(account).map((order) => wireOrderWithStatus(order, finder(account)))
          : [],
      (account, changes) =>
        (changes.orders.get(account) ?? []).map((order) => wireOrderWithStatus(order, finder(account))),
    ),
    userNonFundingLedgerUpdates: history(
      'nonFundingLedgerUpdates',
      (account) => accountLedger(context, account, {}),
      never,
    ),
    userTwapHistory: history('history', never, never),
    userTwapSliceFills: history('twapSliceFills', never, never),
    notification: {
      read,
      initial: never,
      update: (subscription, changes) =>
        (changes.notices.get(user(subscription)) ?? []).map((notification) => ({ notification })),
    },
    clearinghouseState: standing(
      (account, subscription) => ({ dex: subscription.dex, user: account, clearinghouseState: state(account) }),
      dex,
    ),
    allDexsClearinghouseState: standing((account) => ({
      user: account,
      clearinghouseStates: [['', state(account)]],
    })),
    openOrders: standing(
      (account, subscription) => ({
        dex: subscription.dex,
        user: account,
        orders: directory.exists(account)
          ? engine.openOrders(account).map((order) => wireFrontendOrder(order, finder(account)))
          : [],
      }),
      dex,
    ),
    activeAssetData: standing(
      (account, subscription) => wireActiveAsset(accountOf(context, account), engine, String(subscription.coin)),
      (request) => (engine.assets.some((asset) => asset.coin === request.coin) ? { coin: request.coin } : undefined),
    ),
    twapStates: standing((account, subscription) => ({ dex: subscription.dex, user: account, states: [] }), dex),
    spotState: standing((account) => ({ user: account, spotState: { balances: [] } })),
    webData2: standing((account) => webData2(context, account)),
    webData3: standing((account) => {
      const agent = directory.agentsOf(account).find((candidate) => candidate.name === '');
      return {
        userState: {
          agentAddress: agent?.address ?? null,
          agentValidUntil: agent?.validUntilMs ?? null,
          cumLedger: wireDecimal(accountOf(context, account).accountValue, 2),
          serverTime: clock.nowMs(),
          isVault: directory.leaderOf(account) !== undefined,
          user: account,
        },
        perpDexStates: [{ totalVaultEquity: '0.0' }],
      };
    }),
  };
}
