import type { UserDeskState } from '@perpdesk/core';
import { type FactDraft, named } from './fact.ts';
import { capital, listed, showAge, showExact, showPercent, showTime, showUsd } from './show.ts';

/** An account or a position that was not refreshed for so long is said to be old. */
const staleAfterMs = 5 * 60_000;
const mostRows = 12;

const aged = (what: string, atMs: number, nowMs: number): { readonly caveat?: string } =>
  nowMs - atMs > staleAfterMs ? { caveat: `${what} was last heard of ${showAge(nowMs - atMs)} ago.` } : {};
const none = (text: string): readonly FactDraft[] => [{ agent: 'orchestrator', text, citations: [] }];

/** The user's positions, with what protects them. */
export function positionFacts(mine: UserDeskState, markets: readonly string[], nowMs: number): readonly FactDraft[] {
  const asked = mine.positions.filter(({ instrumentId }) => isOf(instrumentId, markets));
  if (asked.length === 0)
    return none(markets.length === 0 ? 'You hold no position.' : `You hold no position in ${listed(markets)}.`);
  return shown(asked, 'positions').map((position) => {
    if ('text' in position) return position;
    const {
      venue,
      instrumentId,
      direction,
      size,
      entryPrice,
      markPrice,
      leverage,
      unrealizedPnl,
      liquidationPrice,
      protection,
    } = position;
    const where = `${marketName(instrumentId)} on ${named(venue)}`;
    const targets = protection.takeProfits.map(({ price }) => showExact(price));
    const parts = [
      `You are ${direction} ${showExact(size)} ${where}: entry ${showExact(entryPrice)}, mark ${showExact(markPrice)}, ${showExact(leverage)}× leverage, unrealised ${showUsd(unrealizedPnl)}.`,
      protection.stopLoss === undefined
        ? 'No stop rests for it.'
        : `Stop ${showExact(protection.stopLoss)} for ${showExact(protection.stopSize)}.`,
      ...(targets.length === 0 ? [] : [`Targets ${listed(targets)}.`]),
      ...(liquidationPrice === undefined ? [] : [`Liquidation at ${showExact(liquidationPrice)}.`]),
    ];
    return {
      agent: 'orchestrator',
      text: parts.join(' '),
      ...aged(`Your position in ${where}`, position.updatedAtMs, nowMs),
      citations: [{ kind: 'position', id: `${named(venue)}:${instrumentId}`, atMs: position.updatedAtMs }],
    };
  });
}

/** The user's accounts. */
export function accountFacts(mine: UserDeskState, nowMs: number): readonly FactDraft[] {
  if (mine.accounts.length === 0) return none('No account of yours is connected.');
  return shown(mine.accounts, 'accounts').map((account) => {
    if ('text' in account) return account;
    const venue = named(account.venue);
    return {
      agent: 'orchestrator',
      text: `On ${venue} your equity is ${showUsd(account.equity)} ${named(account.asset)}: balance ${showUsd(account.balance)}, unrealised ${showUsd(account.unrealizedPnl)}, used margin ${showUsd(account.usedMargin)}, available ${showUsd(account.availableMargin)}. Since the beginning: realised ${showUsd(account.realizedPnl)}, fees ${showUsd(account.fees)}, funding ${showUsd(account.funding)}.`,
      ...aged(`Your account on ${venue}`, account.atMs, nowMs),
      citations: [{ kind: 'account', id: `account:${venue}`, atMs: account.atMs }],
    };
  });
}

/** The user's orders that may still do something. */
export function orderFacts(mine: UserDeskState, markets: readonly string[]): readonly FactDraft[] {
  const asked = mine.openOrders.filter(({ instrumentId }) => isOf(instrumentId, markets));
  if (asked.length === 0)
    return none(markets.length === 0 ? 'You have no open orders.' : `You have no open orders in ${listed(markets)}.`);
  return shown(asked, 'orders').map((order) => {
    if ('text' in order) return order;
    const { side, type, size, filledSize, instrumentId, venue, price, triggerPrice, status, purpose, clientOrderId } =
      order;
    const at = price === undefined ? '' : ` at ${showExact(price)}`;
    const trigger = triggerPrice === undefined ? '' : ` triggered at ${showExact(triggerPrice)}`;
    return {
      agent: 'orchestrator',
      text: `${capital(purpose.replaceAll('-', ' '))} order ${clientOrderId.slice(0, 8)}: ${side} ${showExact(size)} ${marketName(instrumentId)} on ${named(venue)}, ${type.replaceAll('-', ' ')}${at}${trigger}, ${showExact(filledSize)} filled, ${status.replaceAll('-', ' ')}.`,
      citations: [{ kind: 'order', id: clientOrderId, atMs: order.updatedAtMs }],
    };
  });
}

/** Signals that wait for the user, and where they are decided. */
export function pendingFacts(mine: UserDeskState): readonly FactDraft[] {
  if (mine.pending.length === 0) return none('Nothing waits for your approval.');
  return shown(mine.pending, 'signals').map((waiting) => {
    if ('text' in waiting) return waiting;
    const { signal, expiresAtMs } = waiting;
    const targets = signal.takeProfits.map(({ price }) => showExact(price));
    return {
      agent: 'brix',
      text: `A signal waits for you: ${signal.direction} ${showExact(signal.size)} ${signal.market} on ${named(signal.venue)}, entry ${showExact(signal.entry)}, stop ${showExact(signal.stopLoss)}, targets ${listed(targets)}, notional ${showUsd(signal.notional)}, ${showUsd(signal.riskAtStop)} at risk. It expires ${showTime(expiresAtMs)}.`,
      citations: [{ kind: 'signal', id: signal.id, atMs: signal.createdAtMs }],
    };
  });
}

/** What the user has set: autonomy, limits of their own, preferences, and whether entries are on. */
export function settingFacts(mine: UserDeskState, nowMs: number): readonly FactDraft[] {
  const { user, tradingState } = mine;
  const own = Object.entries(user.limits).flatMap(([name, value]) =>
    value === undefined ? [] : [`${inWords(name)} ${limitValue(name, value)}`],
  );
  const cited = (setting: string) => [{ kind: 'setting', id: `setting:${setting}`, atMs: nowMs } as const];
  return [
    { agent: 'brix', text: `Your trading state is ${tradingState}.`, citations: cited('trading-state') },
    {
      agent: 'brix',
      text:
        own.length === 0
          ? `You trade with the limits of the ${user.tier} tier.`
          : `You trade with the limits of the ${user.tier} tier, and your own: ${listed(own)}.`,
      citations: cited('limits'),
    },
    { agent: 'orchestrator', text: `Your autonomy is ${user.autonomy}.`, citations: cited('autonomy') },
    {
      agent: 'koda',
      text: `Your entry style is ${user.entryPreference}, your aggression ${user.aggression}.`,
      citations: cited('preferences'),
    },
  ];
}

/** Limits that are no fraction. */
const plain = new Set(['maxLeverage', 'maxOpenPositions', 'maxLossesInRow']);

function limitValue(name: string, value: string | number): string {
  if (name === 'marginMode') return String(value);
  if (name === 'coolingOffMs') return showAge(Number(value));
  if (name === 'maxOrderNotional' || name === 'maxVenueNotional') return showUsd(value);
  return plain.has(name) ? showExact(value) : showPercent(value);
}

const inWords = (name: string): string =>
  name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const marketName = (instrumentId: string): string => named(instrumentId.slice(0, instrumentId.lastIndexOf('@')));
const isOf = (instrumentId: string, markets: readonly string[]): boolean =>
  markets.length === 0 || markets.includes(instrumentId.slice(0, instrumentId.lastIndexOf('@')));

/** The first rows, and a fact that says how many are left out. */
function shown<Row>(rows: readonly Row[], what: string): readonly (Row | FactDraft)[] {
  const rest = rows.length - mostRows;
  return rest <= 0
    ? rows
    : [
        ...rows.slice(0, mostRows),
        { agent: 'orchestrator', text: `${rest} more ${what} are not listed here.`, citations: [] },
      ];
}

/** Nothing but the user's own rows, should whoever gathered them have mixed any up. */
export function onlyOwn(mine: UserDeskState): UserDeskState {
  const isOwn = ({ userId }: { readonly userId: string }): boolean => userId === mine.user.id;
  return {
    ...mine,
    accounts: mine.accounts.filter(isOwn),
    positions: mine.positions.filter(isOwn),
    openOrders: mine.openOrders.filter(isOwn),
    pending: mine.pending.filter(({ signal }) => isOwn(signal)),
  };
}
