import { Decimal, type JsonValue } from '@perpdesk/core';
import { type Fact, type FactScope, rankOf } from './fact.ts';
import { findChanges } from './find-changes.ts';
import type {
  AccountingTerms,
  Change,
  CompareOptions,
  Difference,
  Disturbance,
  ParitySubject,
} from './parity-report.ts';
import { isAccounting } from './venue-accounting.ts';

/** Something that is not the same in both runs, before it is known why. */
export interface Divergence {
  readonly kind: Difference['kind'];
  readonly subject: ParitySubject;
  readonly id: string;
  /** ms UTC, the earlier of both sides. */
  readonly atMs: number;
  readonly scope: FactScope;
  readonly left?: Fact;
  readonly right?: Fact;
  readonly changes: readonly Change[];
  /** True when nothing but instants differ. */
  readonly timesOnly: boolean;
  /** Of orders and fills that agree but for what latency changes. */
  readonly latency?: 'within' | 'beyond';
  /** True when nothing differs but the terms in which two venues reckon. */
  readonly accounting?: true;
  readonly reason?: string;
}

/** What a pair of facts differs in, or undefined when they agree. */
export function divergenceOf(
  left: Fact | undefined,
  right: Fact | undefined,
  options: CompareOptions,
): Divergence | undefined {
  const only = left ?? right;
  if (only === undefined) return undefined;
  const { subject, id } = only;
  if (left === undefined || right === undefined) {
    const change = { path: '', left: left?.content, right: right?.content };
    const kind = left === undefined ? 'missing-left' : 'missing-right';
    return {
      kind,
      subject,
      id,
      atMs: only.event.atMs,
      scope: only.scope,
      ...sides(left, right),
      changes: [change],
      timesOnly: false,
    };
  }
  const [contents, ofContents] = split(subject, findChanges(left.content, right.content), options.accounting);
  const [times, ofTimes] = split(subject, changedTimes(left, right), options.accounting);
  const furthestMs = Math.max(0, ...times.map(({ left, right }) => Math.abs(Number(left) - Number(right))));
  const isMaker = [left, right].every(
    ({ event }) => event.type === 'order.filled' && event.payload.fill.liquidity === 'maker',
  );
  const latency = latencyOf(subject, contents, furthestMs, isMaker, options);
  const toldTimes = latency !== undefined || furthestMs > (options.toleranceMs ?? 0) ? times : [];
  const real = [...inputsFirst(contents), ...toldTimes];
  const changes = real.length > 0 ? real : [...inputsFirst(ofContents), ...ofTimes];
  if (changes.length === 0) return undefined;
  return {
    kind: 'differs',
    subject,
    id,
    // An account is how it stood last: what changed one side later comes before that.
    atMs: (subject === 'account' ? Math.max : Math.min)(left.event.atMs, right.event.atMs),
    scope: { ...right.scope, ...left.scope },
    ...sides(left, right),
    changes,
    timesOnly: contents.length === 0,
    ...(latency === undefined ? {} : { latency }),
    ...(real.length > 0 ? {} : { accounting: true }),
  };
}

/** What differs, and what is only told in other terms. */
function split(
  subject: ParitySubject,
  changes: readonly Change[],
  terms: AccountingTerms | undefined,
): readonly [readonly Change[], readonly Change[]] {
  if (terms === undefined) return [changes, []];
  const isOfTerms = (change: Change): boolean => isAccounting(subject, change, terms);
  return [changes.filter((change) => !isOfTerms(change)), changes.filter(isOfTerms)];
}

/** Lost market data as a divergence that others follow from. */
export function disturbed({ side, instrumentIds, fromMs, toMs, reason }: Disturbance): Divergence {
  const lost: JsonValue = { fromMs, toMs, instrumentIds: [...instrumentIds], reason };
  return {
    kind: side === 'left' ? 'missing-left' : 'missing-right',
    subject: 'feed',
    id: `${fromMs}-${toMs}`,
    atMs: fromMs,
    scope: { fromMs, toMs },
    changes: [{ path: '', left: side === 'left' ? undefined : lost, right: side === 'right' ? undefined : lost }],
    timesOnly: false,
    reason,
  };
}

/** Orders divergences as they happened, both runs alike: by instant, then by their place on the path. */
export function byTime(a: Divergence, b: Divergence): number {
  return a.atMs - b.atMs || placeOf(a) - placeOf(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Of an order that went another way at one instant the failure comes first: what it took the place of follows from it. */
const placeOf = ({ subject, id }: Divergence): number =>
  rankOf(subject) - (subject === 'order' && /\/(unresolved|refused|rejected)/.test(id) ? 0.5 : 0);

/** True when `a` came before `b`: earlier, or at the same instant first in the journals that have both. */
export function isBefore(a: Divergence, b: Divergence): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  const orders = (
    [
      [a.left, b.left],
      [a.right, b.right],
    ] as const
  ).flatMap(([one, other]) => (one === undefined || other === undefined ? [] : [one.sequence < other.sequence]));
  const [first] = orders;
  return first !== undefined && orders.every((order) => order === first) ? first : byTime(a, b) < 0;
}

const sides = (left: Fact | undefined, right: Fact | undefined): Pick<Divergence, 'left' | 'right'> => ({
  ...(left === undefined ? {} : { left }),
  ...(right === undefined ? {} : { right }),
});

function changedTimes(left: Fact, right: Fact): readonly Change[] {
  const paths = [...new Set([...left.times.keys(), ...right.times.keys()])].sort();
  const ofPayload = paths.flatMap((path) => {
    const [one, other] = [left.times.get(path), right.times.get(path)];
    return one === other || one === undefined || other === undefined ? [] : [{ path, left: one, right: other }];
  });
  const [one, other] = [left.event.atMs, right.event.atMs];
  return one === other ? ofPayload : [{ path: 'event.atMs', left: one, right: other }, ...ofPayload];
}

/** Of a decision its steps come first, as they were taken: the rest is their result. */
const inputsFirst = (changes: readonly Change[]): readonly Change[] => [
  ...changes.filter(({ path }) => path.startsWith('steps[')),
  ...changes.filter(({ path }) => !path.startsWith('steps[')),
];

/** Which members a fill's price carries along. */
const priced = /^(price|fee|realizedPnl|averagePrice|order\.averagePrice)$/;

function latencyOf(
  subject: ParitySubject,
  contents: readonly Change[],
  furthestMs: number,
  isMaker: boolean,
  { latency = { ms: 0 } }: CompareOptions,
): Divergence['latency'] {
  if (subject !== 'order' && subject !== 'fill') return undefined;
  if (furthestMs === 0 || contents.some(({ path }) => !priced.test(path))) return undefined;
  const bound = new Decimal(latency.price ?? 0);
  const isNear = contents.every(({ path, left, right }) => {
    if (!/rice$/.test(path)) return true;
    const [one, other] = [new Decimal(String(left)), new Decimal(String(right))];
    return one
      .minus(other)
      .abs()
      .lte(bound.times(Decimal.min(one, other)));
  });
  const mostMs = isMaker ? Math.max(latency.ms, latency.restingMs ?? 0) : latency.ms;
  return furthestMs <= mostMs && isNear ? 'within' : 'beyond';
}
