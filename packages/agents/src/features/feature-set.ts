/** Named finite numbers that an agent reads, in the order they were computed. */
export type Features = Readonly<Record<string, number>>;

/**
 * Collects features. Every one is a finite number rounded to eight significant digits, so that what the rules weigh, what a
 * model is shown and what the journal keeps is one and the same number. What can not be computed is left out, never 0.
 */
export class FeatureSet {
  readonly #values: Record<string, number> = {};

  /** Adds a feature; undefined, NaN and infinities are left out. */
  set(name: string, value: number | undefined): this {
    if (value !== undefined && Number.isFinite(value)) this.#values[name] = roundSignificant(value);
    return this;
  }

  /** Adds all of a group under `<prefix>.`, where there is one. */
  merge(prefix: string, group: Features | undefined): this {
    if (group !== undefined) for (const name in group) this.set(`${prefix}.${name}`, group[name]);
    return this;
  }

  /** Adds all that another set has collected. */
  take(collected: Features): this {
    Object.assign(this.#values, collected);
    return this;
  }

  get(name: string): number | undefined {
    return this.#values[name];
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** What was collected. */
  values(): Features {
    return { ...this.#values };
  }
}

/** A number at eight significant digits; −0 becomes 0. */
export function roundSignificant(value: number): number {
  // Whole numbers of up to eight digits are what they are: counts, and yes and no.
  if (Number.isInteger(value) && Math.abs(value) < 1e8) return value + 0;
  return Number(value.toPrecision(8)) + 0;
}
