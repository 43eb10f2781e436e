import { type Candle, type IndicatorSnapshot, timeframeMs } from '@perpdesk/core';
import type { IndicatorSets } from './indicator-sets.ts';

/** For how many bars a hole stays marked: after them even the slowest usual indicator has all but forgotten it. */
const markedBars = 250;

/** How the bars of a series go on with the next one. */
interface Step {
  readonly bars: number;
  readonly missing: number;
  readonly barsSinceHole: number;
  /** The hole before the bar was too long: the indicators begin anew. */
  readonly anew: boolean;
}

/** The indicators of one instrument and timeframe: a set among those of its kind, and what it has seen. */
export class SeriesIndicators {
  readonly #sets: IndicatorSets;
  readonly #set: number;
  readonly #maxMissingBars: number;
  #last: Candle | undefined;
  #bars = 0;
  #missing = 0;
  #barsSinceHole = 0;

  constructor(sets: IndicatorSets, options: { readonly maxMissingBars: number }) {
    this.#sets = sets;
    this.#set = sets.add();
    this.#maxMissingBars = options.maxMissingBars;
  }

  /** The names of all values. */
  names(): readonly string[] {
    return this.#sets.names;
  }

  /** Takes the next closed bar. False, and nothing is done, for one that is not newer than the last. */
  update(candle: Candle): boolean {
    const step = this.#stepTo(candle);
    if (step === undefined) return false;
    if (step.anew) this.#sets.reset(this.#set);
    this.#last = candle;
    this.#bars = step.bars;
    this.#missing = step.missing;
    this.#barsSinceHole = step.barsSinceHole;
    this.#sets.update(this.#set, candle);
    return true;
  }

  /** The values after the last bar; undefined before the first. */
  snapshot(): IndicatorSnapshot | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const step = { bars: this.#bars, missing: this.#missing };
    return this.#snapshotOf(last, step, (index) => this.#sets.value(this.#set, index));
  }

  /** The values if this bar, which is still forming, closed as it stands; nothing changes. Undefined as `update` is false. */
  preview(candle: Candle): IndicatorSnapshot | undefined {
    const step = this.#stepTo(candle);
    if (step === undefined) return undefined;
    this.#sets.preview(this.#set, candle, { anew: step.anew });
    return this.#snapshotOf(candle, step, (index) => this.#sets.previewed(index));
  }

  /** Gives its set up. */
  remove(): void {
    this.#sets.remove(this.#set);
  }

  #stepTo(candle: Candle): Step | undefined {
    const last = this.#last;
    if (last === undefined) return { bars: 1, missing: 0, barsSinceHole: 1, anew: false };
    if (candle.openAtMs <= last.openAtMs) return undefined;
    const hole = (candle.openAtMs - last.openAtMs) / timeframeMs(candle.timeframe) - 1;
    const anew = hole > this.#maxMissingBars;
    const barsSinceHole = (hole === 0 ? this.#barsSinceHole : 0) + 1;
    const missing = anew || barsSinceHole > markedBars ? 0 : this.#missing + hole;
    return { bars: (anew ? 0 : this.#bars) + 1, missing, barsSinceHole, anew };
  }

  #snapshotOf(
    { instrumentId, timeframe, openAtMs }: Candle,
    { bars, missing }: Pick<Step, 'bars' | 'missing'>,
    valueAt: (index: number) => number,
  ): IndicatorSnapshot {
    const values = this.#valuesFrom(valueAt);
    return { instrumentId, timeframe, openAtMs, values, bars, ...(missing === 0 ? {} : { missing }) };
  }

  #valuesFrom(valueAt: (index: number) => number): Record<string, number> {
    const { names, shape } = this.#sets;
    const values: Record<string, number> = { ...shape };
    for (let index = 0; index < names.length; index += 1) {
      const value = valueAt(index);
      if (!Number.isFinite(value)) return finiteValues(names, valueAt);
      values[names[index] ?? ''] = value;
    }
    return values;
  }
}

function finiteValues(names: readonly string[], valueAt: (index: number) => number): Record<string, number> {
  return Object.fromEntries(
    names.map((name, index) => [name, valueAt(index)] as const).filter(([, value]) => Number.isFinite(value)),
  );
}
