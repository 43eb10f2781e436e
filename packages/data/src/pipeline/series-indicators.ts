import { type Candle, type IndicatorSnapshot, timeframeMs, ValidationError } from '@perpdesk/core';
import type { CandleIndicator } from './candle-indicator.ts';
import { createIndicator, type IndicatorSpec } from './indicator-spec.ts';

/** For how many bars a hole stays marked: after them even the slowest usual indicator has all but forgotten it. */
const markedBars = 250;

interface Member {
  readonly indicator: CandleIndicator;
  /** The names of its values, by output. */
  readonly names: readonly string[];
}

/** The indicators of one instrument and timeframe. */
export class SeriesIndicators {
  readonly #members: readonly Member[];
  readonly #maxMissingBars: number;
  #last: Candle | undefined;
  #bars = 0;
  #missing = 0;
  #barsSinceHole = 0;

  /** @throws ValidationError `indicator.duplicate` when two values have one name, `indicator.period`. */
  constructor(specs: readonly IndicatorSpec[], options: { readonly maxMissingBars: number }) {
    this.#members = specs.map((spec) => {
      const { name, indicator } = createIndicator(spec);
      return { indicator, names: indicator.outputs.map((output) => (output === '' ? name : `${name}.${output}`)) };
    });
    this.#maxMissingBars = options.maxMissingBars;
    const seen = new Set<string>();
    for (const name of this.names()) {
      if (seen.has(name))
        throw new ValidationError('indicator.duplicate', `The indicator value ${name} is declared twice.`);
      seen.add(name);
    }
  }

  /** The names of all values. */
  names(): readonly string[] {
    return this.#members.flatMap(({ names }) => names);
  }

  /** Takes the next closed bar. False, and nothing is done, for one that is not newer than the last. */
  update(candle: Candle): boolean {
    const last = this.#last;
    if (last !== undefined && candle.openAtMs <= last.openAtMs) return false;
    if (last !== undefined) this.#stepOver((candle.openAtMs - last.openAtMs) / timeframeMs(candle.timeframe) - 1);
    this.#last = candle;
    this.#bars += 1;
    this.#barsSinceHole += 1;
    if (this.#barsSinceHole > markedBars) this.#missing = 0;
    for (const { indicator } of this.#members) indicator.update(candle);
    return true;
  }

  /** The values after the last bar; undefined before the first. */
  snapshot(): IndicatorSnapshot | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const values: Record<string, number> = {};
    for (const { indicator, names } of this.#members) {
      for (let index = 0; index < names.length; index += 1) {
        const value = indicator.value(index);
        const name = names[index];
        if (name !== undefined && Number.isFinite(value)) values[name] = value;
      }
    }
    return {
      instrumentId: last.instrumentId,
      timeframe: last.timeframe,
      openAtMs: last.openAtMs,
      values,
      bars: this.#bars,
      ...(this.#missing === 0 ? {} : { missing: this.#missing }),
    };
  }

  #stepOver(missing: number): void {
    if (missing === 0) return;
    this.#barsSinceHole = 0;
    this.#missing += missing;
    if (missing <= this.#maxMissingBars) return;
    for (const { indicator } of this.#members) indicator.reset();
    this.#bars = 0;
    this.#missing = 0;
  }
}
