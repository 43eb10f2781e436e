import { ValidationError } from '@perpdesk/core';
import type { CandleIndicator } from './candle-indicator.ts';
import { createIndicator, type IndicatorSpec } from './indicator-spec.ts';
import { ownIndicators, type PackedIndicator } from './packed-indicator.ts';

/** A value of a custom indicator: which of the set's, and which of its outputs. */
export interface CustomPlace {
  readonly index: number;
  readonly output: number;
}

/** Where the numbers and the values of a set of indicators are. */
export interface IndicatorLayout {
  /** The indicators that are computed by themselves, in the order of their numbers. */
  readonly own: readonly PackedIndicator[];
  /** Where the numbers of each of them begin. */
  readonly begins: readonly number[];
  /** How many numbers there are. */
  readonly size: number;
  /** The names of the values, in the order of the specs. */
  readonly names: readonly string[];
  /** Where each value stands among the numbers; −1 for those of custom indicators. */
  readonly valueAt: readonly number[];
  readonly customAt: readonly (CustomPlace | undefined)[];
  /** Makes each of the custom indicators. */
  readonly creates: readonly (() => CandleIndicator)[];
}

/**
 * Lays indicators out. `first`: gives the names of those whose numbers come first, in their order, of all that are computed by
 * themselves; default none, what takes longest first.
 * @throws ValidationError `indicator.duplicate` when two values have one name, `indicator.period`.
 */
export function layOutIndicators(
  specs: readonly IndicatorSpec[],
  first: (own: readonly PackedIndicator[]) => readonly string[] = () => [],
): IndicatorLayout {
  const members = specs.map(createIndicator);
  const largestFirst = ownIndicators(members.flatMap((member) => ('update' in member ? [member] : [])));
  const named = first(largestFirst);
  const placeOf = ({ name }: PackedIndicator): number => named.indexOf(name) >>> 0;
  const own = largestFirst.toSorted((one, other) => placeOf(one) - placeOf(other));
  const begins: number[] = [];
  let size = 0;
  for (const indicator of own) {
    begins.push(size);
    size += indicator.size;
  }
  const names: string[] = [];
  const valueAt: number[] = [];
  const customAt: (CustomPlace | undefined)[] = [];
  const creates: (() => CandleIndicator)[] = [];
  const add = (name: string, output: string, at: number, place?: CustomPlace): void => {
    names.push(output === '' ? name : `${name}.${output}`);
    valueAt.push(at);
    customAt.push(place);
  };
  for (const member of members) {
    if ('update' in member) {
      const { name, outputs } = member;
      const itself = own.indexOf(member);
      const host = itself >= 0 ? itself : own.findIndex(({ also }) => name in also);
      const within = itself >= 0 ? 0 : (own[host]?.also[name] ?? 0);
      const from = (begins[host] ?? 0) + (own[host]?.outputsAt ?? 0) + within;
      outputs.forEach((output, index) => void add(name, output, from + index));
    } else {
      const { name, create } = member;
      const index = creates.push(create) - 1;
      create().outputs.forEach((output, position) => {
        add(name, output, -1, { index, output: position });
      });
    }
  }
  checkUnique(names);
  return { own, begins, size, names, valueAt, customAt, creates };
}

function checkUnique(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ValidationError('indicator.duplicate', `The indicator value ${twice} is declared twice.`);
  }
}
