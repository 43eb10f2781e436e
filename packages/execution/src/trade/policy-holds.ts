import type { MacroView, PolicyOutcome, User, UserPolicies } from '@perpdesk/core';
import { catalystNews, nextPauseMs } from './catalyst-pause.ts';
import { nextQuietMs, quietWindowAt } from './quiet-hours.ts';

/** A policy of the user's that keeps an automatic entry back. */
export interface PolicyHold {
  readonly policy: keyof UserPolicies;
  readonly otherwise: PolicyOutcome;
  /** For the user, in one sentence. */
  readonly reason: string;
}

type Policed = Pick<User, 'policies' | 'timeZone'>;

/** Every policy that keeps an automatic entry back at an instant. */
export function policyHolds(
  user: Policed,
  facts: { readonly atMs: number; readonly tradesToday: number; readonly macroView: MacroView | undefined },
): readonly PolicyHold[] {
  const most = user.policies?.maxTradesPerDay;
  const isOver = most !== undefined && facts.tradesToday >= most.trades;
  const reason = `${facts.tradesToday} trades today reach the ${most?.trades} of the policy.`;
  return [
    ...timedHolds(user, facts),
    ...(isOver ? [{ policy: 'maxTradesPerDay', otherwise: most.otherwise, reason } as const] : []),
  ];
}

/** Those that go by the time: they hold for each order of an entry, not for its beginning alone. */
export function timedHolds(
  { policies = {}, timeZone }: Policed,
  { atMs, macroView }: { readonly atMs: number; readonly macroView: MacroView | undefined },
): readonly PolicyHold[] {
  const { pauseAroundCatalysts: pause, quietHours } = policies;
  const holds: PolicyHold[] = [];
  if (pause !== undefined) {
    const news = catalystNews(pause, macroView);
    if (news.kind === 'unknown') {
      // Nothing is known to be near: that is no reason to drop a plan, and none to send it.
      const reason = 'The economic calendar is not known, so that no event can be ruled out.';
      holds.push({ policy: 'pauseAroundCatalysts', otherwise: 'ask', reason });
    } else if (news.kind === 'near') {
      const at = new Date(news.scheduledAtMs).toISOString();
      const reason = `The event "${news.title}" at ${at} is near.`;
      holds.push({ policy: 'pauseAroundCatalysts', otherwise: pause.otherwise, reason });
    }
  }
  if (quietHours !== undefined) {
    const { otherwise, windows } = quietHours;
    const window = quietWindowAt(windows, timeZone, atMs);
    if (window !== undefined) {
      const reason = `It is quiet from ${window.from} to ${window.to} (${timeZone}).`;
      holds.push({ policy: 'quietHours', otherwise, reason });
    }
  }
  return holds;
}

/** When the next of them begins to hold, up to `untilMs`. */
export function nextHoldMs(
  { policies = {}, timeZone }: Policed,
  times: { readonly nowMs: number; readonly untilMs: number },
  macroView: MacroView | undefined,
): number | undefined {
  const { pauseAroundCatalysts: pause, quietHours } = policies;
  const { nowMs, untilMs } = times;
  const begins = [
    pause === undefined ? undefined : nextPauseMs(pause, macroView, times),
    quietHours === undefined ? undefined : nextQuietMs(quietHours.windows, timeZone, nowMs, untilMs),
  ].filter((atMs) => atMs !== undefined);
  return begins.length === 0 ? undefined : Math.min(...begins);
}
