/** Named finite numbers that an agent reads, in the order they were computed. */
export type Features = Readonly<Record<string, number>>;

/**
 * Collects features. Every one is a finite number rounded to eight significant digits, so that what the rules weigh, what a
 * model is shown and what the journal keeps is one and the same number. What can not be computed is left out, never 0.
 */
export class FeatureSet {
  readonly #values = new Map<string, number>();

  /** True where nothing was collected. */
  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** Adds a feature; undefined, NaN and infinities are left out. */
  set(name: string, value: number | undefined): this {
    if (value !== undefined && Number.isFinite(value)) this.#values.set(name, roundSignificant(value));
    return this;
  }

  /** Adds all of a group under `<prefix>.`, where there is one. */
  merge(prefix: string, group: Features | undefined): this {
    if (group !== undefined) for (const name in group) this.set(`${prefix}.${name}`, group[name]);
    return this;
  }

  /** Adds all that another set has collected. */
  take(collected: FeatureSet): this {
    collected.#values.forEach((value, name) => {
      this.#values.set(name, value);
    });
    return this;
  }

  get(name: string): number | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** What was collected; what is added later is not in it. */
  values(): Features {
    const values: Record<string, number> = {};
    this.#values.forEach((value, name) => {
      values[name] = value;
    });
    return values;
  }
}

/** Powers of ten that a number holds exactly. */
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** A number at eight significant digits; −0 becomes 0. */
export function roundSignificant(value: number): number {
  // Whole numbers of up to eight digits are what they are: counts, and yes and no.
  if (Number.isInteger(value) && Math.abs(value) < 1e8) return value + 0;
  return quicklyRounded(value) ?? Number(value.toPrecision(8)) + 0;
}

/**
 * The same without writing digits, where that is sure: a whole number of eight digits over a power of ten, both exact, is the
 * nearest to what the digits say (W. D. Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990). Undefined near a tie, where
 * the error of scaling could tell, and for numbers beyond such powers.
 */
function quicklyRounded(value: number): number | undefined {
  const power = powersOfTen[7 - Math.floor(Math.log10(Math.abs(value)))];
  if (power === undefined) return undefined;
  const scaled = value * power;
  const whole = Math.round(scaled);
  // A logarithm that was off by a hair: a digit too few or too many.
  if (!(Math.abs(scaled) >= 1e7 && Math.abs(scaled) < 1e8)) return undefined;
  return Math.abs(scaled - whole) < 0.499 ? whole / power : undefined;
}
