import { type Candle, ValidationError } from '@perpdesk/core';
import type { CandleIndicator } from './candle-indicator.ts';
import { type FusedUpdate, fusedUpdateFor } from './fused-update.ts';
import { fusedUpdates } from './fused-updates.ts';
import { createIndicator, type IndicatorSpec } from './indicator-spec.ts';
import { ownIndicators, type PackedIndicator } from './packed-indicator.ts';
import { presentBarIs } from './present-bar.ts';

/** Sets per page of numbers: 32, as a shift and a mask, which an update is quicker by. */
const pageShift = 5;
const pageMask = (1 << pageShift) - 1;

/** A value of a custom indicator: which of the set's, and which of its outputs. */
interface CustomPlace {
  readonly index: number;
  readonly output: number;
}

/**
 * The same indicators over many series: each series has a set, and a set is a row of numbers in a page that many share. So an
 * update allocates nothing, a set costs its state and values and no more (about 1 KB for ten usual indicators) however many
 * bars it has seen, and all sets have one code. Values are those of the indicators' classes and batch functions, to the bit.
 *
 * An indicator that another computes on its way (the RSI within the StochRSI) is computed once.
 *
 * @example
 * const sets = new IndicatorSets([{ kind: 'ema', period: 20 }, { kind: 'rsi' }]);
 * const btc = sets.add();
 * for (const candle of candles) sets.update(btc, candle);
 * const average = sets.value(btc, sets.names.indexOf('ema(20)'));
 */
export class IndicatorSets {
  /** The names of the values of each set, in order. */
  readonly names: readonly string[];
  /** How many numbers a set takes, 8 bytes each. */
  readonly numbersPerSet: number;
  readonly #updates: readonly PackedIndicator['update'][];
  /** Where the numbers of each update begin. */
  readonly #begins: readonly number[];
  /** The first `#fusedCount` of the updates as one. */
  readonly #fused: FusedUpdate['update'] | undefined;
  readonly #fusedCount: number;
  /** Where each value stands among a set's numbers; −1 for those of custom indicators. */
  readonly #valueAt: readonly number[];
  readonly #customAt: readonly (CustomPlace | undefined)[];
  readonly #creates: readonly (() => CandleIndicator)[];
  /** The numbers of a set that has seen nothing. */
  readonly #blank: Float64Array;
  readonly #pages: Float64Array[] = [];
  readonly #customs: (readonly CandleIndicator[])[] = [];
  readonly #free: number[] = [];
  readonly #preview: Float64Array;
  #previewed: readonly (readonly number[] | undefined)[] = [];
  #count = 0;

  /**
   * `fused`: updates of several indicators at once, tried in this order; default those generated for usual sets. Values do not
   * depend on it.
   * @throws ValidationError `indicator.duplicate` when two values have one name, `indicator.period`.
   */
  constructor(specs: readonly IndicatorSpec[], options: { readonly fused?: readonly FusedUpdate[] } = {}) {
    const members = specs.map(createIndicator);
    const packed = members.flatMap((member) => ('update' in member ? [member] : []));
    const largestFirst = ownIndicators(packed);
    const fused = fusedUpdateFor(largestFirst, options.fused ?? fusedUpdates);
    const placeOf = ({ name }: PackedIndicator): number => (fused?.names.indexOf(name) ?? -1) >>> 0;
    const own = largestFirst.toSorted((one, other) => placeOf(one) - placeOf(other));
    const begins = new Map<PackedIndicator, number>();
    let size = 0;
    for (const indicator of own) {
      begins.set(indicator, size);
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
        const host = begins.has(member) ? member : own.find(({ also }) => name in also);
        const from = host && (begins.get(host) ?? 0) + host.outputsAt + (host === member ? 0 : (host.also[name] ?? 0));
        outputs.forEach((output, index) => void add(name, output, (from ?? 0) + index));
      } else {
        const { name, create } = member;
        const index = creates.push(create) - 1;
        create().outputs.forEach((output, position) => {
          add(name, output, -1, { index, output: position });
        });
      }
    }
    checkUnique(names);
    this.names = names;
    this.numbersPerSet = size;
    this.#updates = own.map(({ update }) => update);
    this.#begins = own.map((indicator) => begins.get(indicator) ?? 0);
    this.#fused = fused?.update;
    this.#fusedCount = fused?.names.length ?? 0;
    this.#valueAt = valueAt;
    this.#customAt = customAt;
    this.#creates = creates;
    this.#blank = new Float64Array(size);
    for (const indicator of own) {
      const begin = begins.get(indicator) ?? 0;
      this.#blank.fill(Number.NaN, begin + indicator.outputsAt, begin + indicator.size);
    }
    this.#preview = new Float64Array(size);
  }

  /** Adds a set that has seen nothing and gives its number. */
  add(): number {
    const set = this.#free.pop() ?? this.#count++;
    const page = set >> pageShift;
    if (page === this.#pages.length) this.#pages.push(new Float64Array((pageMask + 1) * this.numbersPerSet));
    if (this.#creates.length > 0) this.#customs[set] = this.#creates.map((create) => create());
    this.#blankOut(set);
    return set;
  }

  /** Gives a set up; its number may be that of another from then on. */
  remove(set: number): void {
    delete this.#customs[set];
    this.#free.push(set);
  }

  /** Takes the next closed bar of a set's series. */
  update(set: number, candle: Candle): void {
    presentBarIs(candle);
    this.#run(this.#pageOf(set), (set & pageMask) * this.numbersPerSet);
    if (this.#creates.length > 0) for (const custom of this.#customs[set] ?? []) custom.update(candle);
  }

  /** A value of a set by its place in `names`; NaN while there is none. */
  value(set: number, index: number): number {
    const at = this.#valueAt[index] ?? -1;
    if (at >= 0) return this.#pageOf(set)[(set & pageMask) * this.numbersPerSet + at] ?? Number.NaN;
    const place = this.#customAt[index];
    return place === undefined ? Number.NaN : (this.#customs[set]?.[place.index]?.value(place.output) ?? Number.NaN);
  }

  /** Copies all values of a set, in the order of `names`, into a column at least as long. NaN for what has none yet. */
  values(set: number, into: Float64Array): void {
    const page = this.#pageOf(set);
    const begin = (set & pageMask) * this.numbersPerSet;
    const valueAt = this.#valueAt;
    for (let index = 0; index < valueAt.length; index += 1)
      into[index] = page[begin + (valueAt[index] ?? 0)] ?? Number.NaN;
    if (this.#creates.length === 0) return;
    for (let index = 0; index < valueAt.length; index += 1) {
      if (this.#customAt[index] !== undefined) into[index] = this.value(set, index);
    }
  }

  /**
   * Takes a bar that is still forming on a copy of the set; the set stays as it is. With `anew` on a set that has seen nothing.
   * Read with {@link IndicatorSets.previewed} before the next preview of any set.
   */
  preview(set: number, candle: Candle, options: { readonly anew?: boolean } = {}): void {
    const numbers = this.#preview;
    const [from, begin] = options.anew ? [this.#blank, 0] : [this.#pageOf(set), (set & pageMask) * this.numbersPerSet];
    for (let index = 0; index < numbers.length; index += 1) numbers[index] = from[begin + index] ?? Number.NaN;
    presentBarIs(candle);
    this.#run(numbers, 0);
    if (this.#creates.length === 0) return;
    this.#previewed = (this.#customs[set] ?? []).map((custom) => (options.anew ? undefined : custom.preview?.(candle)));
  }

  /** A value of the last preview by its place in `names`; NaN where there is none. */
  previewed(index: number): number {
    const at = this.#valueAt[index] ?? -1;
    if (at >= 0) return this.#preview[at] ?? Number.NaN;
    const place = this.#customAt[index];
    return place === undefined ? Number.NaN : (this.#previewed[place.index]?.[place.output] ?? Number.NaN);
  }

  /** Makes a set forget all bars. */
  reset(set: number): void {
    this.#blankOut(set);
    for (const custom of this.#customs[set] ?? []) custom.reset();
  }

  #run(numbers: Float64Array, at: number): void {
    const updates = this.#updates;
    const begins = this.#begins;
    this.#fused?.(numbers, at, updates);
    for (let index = this.#fusedCount; index < updates.length; index += 1)
      updates[index]?.(numbers, at + (begins[index] ?? 0));
  }

  #pageOf(set: number): Float64Array {
    const page = this.#pages[set >> pageShift];
    if (page === undefined) throw new ValidationError('indicator.set', `There is no indicator set ${set}.`);
    return page;
  }

  #blankOut(set: number): void {
    this.#pageOf(set).set(this.#blank, (set & pageMask) * this.numbersPerSet);
  }
}

function checkUnique(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ValidationError('indicator.duplicate', `The indicator value ${twice} is declared twice.`);
  }
}
