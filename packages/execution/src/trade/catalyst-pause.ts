import { foreignText, type MacroEvent, type MacroView, type UserPolicies } from '@perpdesk/core';

type CatalystPolicy = NonNullable<UserPolicies['pauseAroundCatalysts']>;

/** What the calendar says to a pause: an event that is near, none, or nothing at all. */
export type CatalystNews =
  | { readonly kind: 'near'; readonly title: string; readonly scheduledAtMs: number }
  | { readonly kind: 'clear' }
  | { readonly kind: 'unknown' };

const ranks = { low: 0, medium: 1, high: 2, critical: 3 } as const;
/** A calendar in which nothing is to come for so long is none. */
const emptyMs = 45 * 86_400_000;
const longestTitle = 80;

/** Looks whether an event of the policy's importance is near as of the view's clock. */
export function catalystNews(policy: CatalystPolicy, view: MacroView | undefined): CatalystNews {
  if (view === undefined || view.upcoming(emptyMs).length === 0) return { kind: 'unknown' };
  const matters = mattersTo(policy);
  const near =
    view.upcoming(policy.beforeMs).find(matters) ??
    // Its time has come and its figure has not, or it has just come out.
    view.overdue(policy.afterMs).find(matters) ??
    view
      .released(policy.afterMs)
      .filter(({ revises }) => revises === undefined)
      .map(({ event }) => event)
      .find(matters);
  return near === undefined
    ? { kind: 'clear' }
    : { kind: 'near', title: foreignText(near.title, longestTitle), scheduledAtMs: near.scheduledAtMs };
}

/** When the pause before the next event begins, up to `untilMs`, as of now. */
export function nextPauseMs(
  policy: CatalystPolicy,
  view: MacroView | undefined,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): number | undefined {
  const begins = (view?.upcoming(untilMs - nowMs + policy.beforeMs) ?? [])
    .filter(mattersTo(policy))
    .map(({ scheduledAtMs }) => scheduledAtMs - policy.beforeMs)
    .filter((atMs) => atMs > nowMs && atMs <= untilMs);
  return begins.length === 0 ? undefined : Math.min(...begins);
}

const mattersTo =
  (policy: CatalystPolicy) =>
  ({ importance }: MacroEvent): boolean =>
    ranks[importance] >= ranks[policy.importance];
