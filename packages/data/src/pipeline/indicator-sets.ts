import { type Candle, ValidationError } from '@perpdesk/core';
import type { CandleIndicator } from './candle-indicator.ts';
import { type FusedUpdate, fusedUpdateFor } from './fused-update.ts';
import { fusedUpdates } from './fused-updates.ts';
import { type CustomPlace, layOutIndicators } from './indicator-layout.ts';
import type { IndicatorSpec } from './indicator-spec.ts';
import type { PackedIndicator } from './packed-indicator.ts';
import { presentBarIs } from './present-bar.ts';

/** Sets per page of numbers: 32, as a shift and a mask, which an update is quicker by. */
const pageShift = 5;
const pageMask = (1 << pageShift) - 1;

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
  /** All values by name as an object to copy: a copy keeps the form that is quick to read, one that is filled name by name loses it. */
  readonly shape: Readonly<Record<string, number>>;
  /** How many numbers a set takes, 8 bytes each. */
  readonly numbersPerSet: number;
  readonly #updates: readonly PackedIndicator['update'][];
  /** Where the numbers of each update begin. */
  readonly #begins: readonly number[];
  /** The first of the updates as one; takes none where there is no such. */
  readonly #fused: FusedUpdate['update'];
  /** How many updates make a bar whole: all; −1, which none are, where custom indicators come after them. */
  readonly #whole: number;
  /** Copies all values, where they are those of the fused update in its order. */
  readonly #read: FusedUpdate['read'] | undefined;
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
    let fused: FusedUpdate | undefined;
    const { own, begins, size, names, valueAt, customAt, creates } = layOutIndicators(specs, (indicators) => {
      fused = fusedUpdateFor(indicators, options.fused ?? fusedUpdates);
      return fused?.names ?? [];
    });
    this.names = names;
    this.shape = { ...Object.fromEntries(names.map((name) => [name, 0])) };
    this.numbersPerSet = size;
    this.#updates = own.map(({ update }) => update);
    this.#begins = begins;
    this.#fused = fused?.update ?? (() => 0);
    this.#whole = creates.length === 0 ? own.length : -1;
    this.#read = fused?.values.join() === names.join() ? fused?.read : undefined;
    this.#valueAt = valueAt;
    this.#customAt = customAt;
    this.#creates = creates;
    this.#blank = new Float64Array(size);
    own.forEach((indicator, index) => {
      const begin = begins[index] ?? 0;
      this.#blank.fill(Number.NaN, begin + indicator.outputsAt, begin + indicator.size);
    });
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
    const page = this.#pages[set >> pageShift] ?? missing(set);
    const begin = (set & pageMask) * this.numbersPerSet;
    const taken = this.#fused(page, begin, candle);
    if (taken === this.#whole) return;
    this.#goOn(page, begin, candle, taken);
    for (const custom of this.#customs[set] ?? []) custom.update(candle);
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
    if (this.#read !== undefined) {
      this.#read(page, begin, into);
      return;
    }
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
    this.#goOn(numbers, 0, candle, this.#fused(numbers, 0, candle));
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

  /** The updates from one on, one after the other. */
  #goOn(numbers: Float64Array, at: number, candle: Candle, from: number): void {
    presentBarIs(candle);
    const updates = this.#updates;
    const begins = this.#begins;
    for (let index = from; index < updates.length; index += 1) updates[index]?.(numbers, at + (begins[index] ?? 0));
  }

  #pageOf(set: number): Float64Array {
    return this.#pages[set >> pageShift] ?? missing(set);
  }

  #blankOut(set: number): void {
    this.#pageOf(set).set(this.#blank, (set & pageMask) * this.numbersPerSet);
  }
}

function missing(set: number): never {
  throw new ValidationError('indicator.set', `There is no indicator set ${set}.`);
}
