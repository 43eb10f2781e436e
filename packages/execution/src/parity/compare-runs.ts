import type { DomainEvent } from '@perpdesk/core';
import { CausalChain } from './causal-chain.ts';
import { causeOf } from './cause-of.ts';
import { byTime, type Divergence, disturbed, divergenceOf } from './divergence.ts';
import type { Fact } from './fact.ts';
import type {
  CompareOptions,
  Difference,
  ParityCause,
  ParityCount,
  ParityReport,
  ParitySubject,
  RootDifference,
} from './parity-report.ts';
import { readFacts } from './read-facts.ts';
import { renameVenues } from './rename-venues.ts';
import { settledPositions } from './settled-positions.ts';

/**
 * Sets two runs side by side, journal against journal, each in the order of its bus: pairs what happened, and of what differs
 * finds the first difference of each causal chain and its cause. Ids that are made at random, and what the clock of a machine
 * measures, are not compared; instants are, within `latency` for orders and fills and `toleranceMs` for the rest.
 *
 * Pure: the same journals give the same report, and the sides changed the same with `left` and `right` changed.
 * @example
 * const { same, roots } = compareRuns(recorded, replayed, { latency: { ms: 250, price: '0.001' } });
 * for (const { cause, subject, id } of roots) console.log(cause, subject, id);
 */
export function compareRuns(
  left: Iterable<DomainEvent>,
  right: Iterable<DomainEvent>,
  options: CompareOptions = {},
): ParityReport {
  const other = options.venues === undefined ? right : renameVenues(right, options.venues);
  const told = options.accounting === undefined ? (journal: Iterable<DomainEvent>) => journal : settledPositions;
  const facts = [readFacts(told(left)), readFacts(told(other))] as const;
  const [ofLeft, ofRight] = [named(facts[0]), named(facts[1])];
  const divergences: Divergence[] = (options.disturbances ?? []).map(disturbed);
  const accounting: Divergence[] = [];
  const counts: Partial<Record<ParitySubject, Count>> = {};
  let fillsWithinLatency = 0;
  for (const name of new Set([...ofLeft.keys(), ...ofRight.keys()])) {
    const [one, other] = [ofLeft.get(name), ofRight.get(name)];
    if (lastOf(one, other) > (options.untilMs ?? Number.POSITIVE_INFINITY)) continue;
    const found = divergenceOf(one, other, options);
    if (found?.accounting) accounting.push(found);
    const divergence = found?.accounting ? undefined : found;
    if (divergence !== undefined) divergences.push(divergence);
    if (divergence?.subject === 'fill' && divergence.latency === 'within') fillsWithinLatency += 1;
    tally(counts, one, other, divergence);
  }
  const roots = rooted(divergences, facts);
  const causes: Partial<Record<ParityCause, number>> = {};
  for (const { cause } of roots) causes[cause] = (causes[cause] ?? 0) + 1;
  return {
    same: divergences.length === 0 && accounting.length === 0,
    roots,
    accounting: accounting.sort(byTime).map((each) => differenceOf(each, otherTerms)),
    counts,
    causes,
    fillsWithinLatency,
    unexplained: roots.filter(({ cause, latency }) => cause === 'unknown' || latency === 'beyond').length,
  };
}

const otherTerms = { cause: 'accounting', detail: 'The venues say the same in other terms.' } as const;

type Count = { -readonly [Name in keyof ParityCount]: number };

const lastOf = (...facts: readonly (Fact | undefined)[]): number =>
  Math.max(...facts.map((fact) => fact?.event.atMs ?? Number.NEGATIVE_INFINITY));

const nameOf = ({ subject, id }: Fact): string => `${subject} ${id}`;

const named = (facts: readonly Fact[]): ReadonlyMap<string, Fact> => new Map(facts.map((fact) => [nameOf(fact), fact]));

function tally(
  counts: Partial<Record<ParitySubject, Count>>,
  left: Fact | undefined,
  right: Fact | undefined,
  found: Divergence | undefined,
): void {
  const subject = (left ?? right)?.subject;
  if (subject === undefined) return;
  const count = counts[subject] ?? { left: 0, right: 0, paired: 0, same: 0 };
  counts[subject] = count;
  if (left !== undefined) count.left += 1;
  if (right !== undefined) count.right += 1;
  if (left === undefined || right === undefined) return;
  count.paired += 1;
  if (found === undefined) count.same += 1;
}

function rooted(divergences: readonly Divergence[], facts: readonly (readonly Fact[])[]): readonly RootDifference[] {
  const byEvent = facts.map((list) => new Map(list.map((fact) => [fact.event.id, fact])));
  const roots = new CausalChain(divergences, byEvent).roots();
  const chains = Map.groupBy(divergences, (divergence) => roots.get(divergence) ?? divergence);
  return [...chains]
    .sort(([a], [b]) => byTime(a, b))
    .map(([root, chain]) => {
      const cause = causeOf(root);
      const consequences = chain
        .filter((each) => each !== root)
        .sort(byTime)
        .map((each) =>
          differenceOf(each, { cause: cause.cause, detail: `It follows from ${root.subject} ${root.id}.` }),
        );
      return { ...differenceOf(root, cause), consequences };
    });
}

function differenceOf(
  { kind, subject, id, atMs, changes, latency }: Divergence,
  cause: Pick<Difference, 'cause' | 'detail'>,
): Difference {
  const [first] = changes;
  return {
    ...{ kind, subject, id, atMs },
    ...{ path: first?.path ?? '', left: first?.left, right: first?.right },
    ...{ changes, ...cause },
    ...(latency === undefined ? {} : { latency }),
  };
}
