import { ValidationError } from '@perpdesk/core';

/** A saved streaming indicator: JSON-safe, restored only into one of the same name. */
export interface IndicatorState {
  /** The indicator with its parameters: `ema(20)`. */
  readonly name: string;
  readonly state: readonly number[];
  /** The last outputs; null while warming up. */
  readonly outputs: readonly (number | null)[];
}

/**
 * Takes the next row of prepared columns on numbers kept elsewhere: a state and the outputs after it, from `at` on, as
 * {@link StreamingIndicator.save} writes them. What an indicator's `inPlace` gives, for many series in one array.
 *
 * What nearly all rows are (warm, of finite numbers) has a function of its own in most of them, `steady…`: true once it took the
 * row, state and outputs; false, with nothing done, for a row that is left to the `run…` function.
 */
export type UpdateInPlace = (numbers: Float64Array, at: number) => void;

/**
 * What all streaming indicators share. Each indicator has one definition, a `run…` function that continues from a state
 * over rows of columns: the batch function runs it once from a zero state over all rows, the class row by row over its
 * own state. Batch and streaming therefore agree to the bit, and saving an indicator is copying its state.
 *
 * All outputs are NaN until their warm-up is over. An input that is not finite restarts the indicator: NaN, then the same
 * values as a series that begins after it.
 */
export abstract class StreamingIndicator {
  /** With its parameters: `macd(12,26,9)`. Unique per definition and parameters. */
  readonly name: string;
  protected readonly state: Float64Array;
  protected readonly outputs: readonly Float64Array[];

  constructor(options: {
    readonly name: string;
    readonly stateSize: number;
    readonly outputs: readonly Float64Array[];
  }) {
    this.name = options.name;
    this.state = new Float64Array(options.stateSize);
    this.outputs = options.outputs;
    for (const output of this.outputs) output.fill(Number.NaN);
  }

  /** Forgets all rows. */
  reset(): void {
    this.state.fill(0);
    for (const output of this.outputs) output.fill(Number.NaN);
  }

  /** How many numbers {@link StreamingIndicator.save} writes: the state, then the outputs. */
  get size(): number {
    return this.state.length + this.outputs.length;
  }

  /** How many of them are outputs, the last ones. */
  get outputCount(): number {
    return this.outputs.length;
  }

  /** Copies state and outputs into `numbers`, from `at` on. Allocates nothing. */
  save(numbers: Float64Array, at = 0): void {
    const { state, outputs } = this;
    for (let index = 0; index < state.length; index += 1) numbers[at + index] = state[index] ?? 0;
    const rest = at + state.length;
    for (let index = 0; index < outputs.length; index += 1) numbers[rest + index] = outputs[index]?.[0] ?? Number.NaN;
  }

  /** Takes over what {@link StreamingIndicator.save} of an indicator of this name wrote; nothing is checked. */
  load(numbers: Float64Array, at = 0): void {
    const { state, outputs } = this;
    for (let index = 0; index < state.length; index += 1) state[index] = numbers[at + index] ?? 0;
    const rest = at + state.length;
    for (let index = 0; index < outputs.length; index += 1) {
      const output = outputs[index];
      if (output !== undefined) output[0] = numbers[rest + index] ?? Number.NaN;
    }
  }

  /** Saves everything; see {@link StreamingIndicator.restore}. */
  snapshot(): IndicatorState {
    return { name: this.name, state: [...this.state], outputs: this.outputs.map(([value]) => finiteOrNull(value)) };
  }

  /**
   * Goes on where a snapshot was taken.
   * @throws ValidationError `indicator.state` when it is another indicator's, has other parameters or is damaged.
   */
  restore(saved: IndicatorState): void {
    const { name, state, outputs } = saved;
    const fits =
      name === this.name &&
      state.length === this.state.length &&
      outputs.length === this.outputs.length &&
      state.every(Number.isFinite);
    if (!fits) throw new ValidationError('indicator.state', `A state of ${name} does not fit ${this.name}.`);
    this.state.set(state);
    this.outputs.forEach((output, index) => {
      output[0] = outputs[index] ?? Number.NaN;
    });
  }
}

const finiteOrNull = (value: number | undefined): number | null => (Number.isFinite(value) ? (value ?? null) : null);
