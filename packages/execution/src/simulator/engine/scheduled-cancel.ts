import { dayOf } from '../../matching/fee-tiers.ts';
import type { ExchangeAccount } from './exchange-account.ts';
import type { ExchangeState } from './exchange-state.ts';
import { endOrder } from './order-places.ts';
import { refusals } from './refusals.ts';

/** Hyperliquid "Schedule cancel (dead man's switch)": at least this far ahead, at most this many firings a UTC day. */
const earliestMs = 5_000;
const firingsPerDay = 10;

/** Sets when everything of an account is cancelled, or takes that back. The refusal's words, if any. */
export function scheduleCancel(
  state: ExchangeState,
  account: ExchangeAccount,
  atMs: number | undefined,
): string | undefined {
  const refusal = atMs === undefined ? undefined : refuse(state, account, atMs);
  state.write('scheduled-cancel', account.name, {
    ...(atMs === undefined ? {} : { cancelAtMs: atMs }),
    ...(refusal === undefined ? {} : { error: refusal }),
  });
  if (refusal !== undefined) return refusal;
  account.scheduledCancelAtMs = atMs;
  if (atMs === undefined) state.scheduled.delete(account);
  else state.scheduled.add(account);
  return undefined;
}

function refuse(state: ExchangeState, account: ExchangeAccount, atMs: number): string | undefined {
  const { scheduleVolume } = state.rules;
  if (account.tradedNotional.lessThan(scheduleVolume)) {
    return refusals.scheduleVolume(scheduleVolume.toFixed(), account.tradedNotional.toFixed());
  }
  if (!Number.isSafeInteger(atMs) || atMs < state.atMs + earliestMs) return refusals.scheduleEarly;
  const { day, count } = account.scheduledFirings;
  return day === dayOf(state.atMs) && count >= firingsPerDay ? refusals.scheduleUsedUp : undefined;
}

/** The account whose scheduled cancellation is due next. */
export function nextScheduledCancel({ scheduled }: ExchangeState): ExchangeAccount | undefined {
  let next: ExchangeAccount | undefined;
  for (const account of scheduled) {
    if ((account.scheduledCancelAtMs ?? 0) < (next?.scheduledCancelAtMs ?? Number.POSITIVE_INFINITY)) next = account;
  }
  return next;
}

/** Cancels everything of an account, its protective stops included. */
export function fireScheduledCancel(state: ExchangeState, account: ExchangeAccount): void {
  const day = dayOf(state.atMs);
  const { scheduledFirings } = account;
  account.scheduledFirings = { day, count: scheduledFirings.day === day ? scheduledFirings.count + 1 : 1 };
  account.scheduledCancelAtMs = undefined;
  state.scheduled.delete(account);
  state.write('scheduled-cancel', account.name, { fired: true });
  for (const order of [...account.open.values()]) endOrder(state, order, 'scheduledCancel');
}
