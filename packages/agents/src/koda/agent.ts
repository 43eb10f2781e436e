import type { Clock, Guidance, LanguageModel, MarketView, Signal, User } from '@perpdesk/core';
import { readConditions } from './features.ts';
import {
  type GuidanceReading,
  guidanceInputs,
  type ModelGuidanceOptions,
  modelGuidance,
  ruledGuidance,
} from './guidance.ts';

/** What Koda goes by of a user. */
export type EntrySettings = Pick<User, 'tier' | 'entryPreference' | 'aggression'>;

/** What holds for a user who is not known. */
export const entryDefaults: EntrySettings = { tier: 'beginner', entryPreference: 'ladder', aggression: 'balanced' };

/** A model that chooses among Koda's candidates, and what its time is measured with. */
export interface KodaModel {
  readonly model: LanguageModel;
  /** The machine's clock: the desk's own stands still while somebody thinks. */
  readonly clock: Clock;
  /** The most a question may take, ms. Default 5,000: a signal waits for it. */
  readonly timeoutMs?: number;
}

/** Options of {@link Koda}. */
export interface KodaOptions {
  readonly marketView: MarketView;
  /** Chooses among the candidates and says why, where the rules leave a choice. Default: rules alone. */
  readonly thinking?: KodaModel;
}

/** Options of {@link Koda.advise}. */
export type AdviseOptions = ModelGuidanceOptions;

/**
 * Advises how to enter a signal: style, orders, slippage and notes, from market data as of the clock. By rules the same signal, settings and
 * data give the same guidance; a model only chooses among computed entries and words why.
 *
 * @example
 * ```ts
 * const koda = new Koda({ marketView });
 * koda.guide(signal, { tier: 'advanced', entryPreference: 'ladder', aggression: 'balanced' }, clock.nowMs());
 * // { style: 'ladder', legs: [{ type: 'limit', price: '61230', fraction: '0.5' }, …], slippage: '0.000612', … }
 * ```
 */
export class Koda {
  readonly #marketView: MarketView;
  readonly #thinking: KodaModel | undefined;

  constructor(options: KodaOptions) {
    this.#marketView = options.marketView;
    this.#thinking = options.thinking;
  }

  /** True where a model has a say. */
  get thinks(): boolean {
    return this.#thinking !== undefined;
  }

  /** The rules' guidance for a signal at `atMs`; `onInputs` is told what it is made of, for a journal. */
  guide(
    signal: Signal,
    settings: EntrySettings,
    atMs: number,
    { onInputs }: Pick<AdviseOptions, 'onInputs'> = {},
  ): Guidance {
    const reading = this.#read(signal, settings, atMs);
    onInputs?.(guidanceInputs(reading));
    return ruledGuidance(signal, reading);
  }

  /** The guidance for a signal at `atMs`, the model's where there is one and its answer can be used, else the rules'. Never rejects. */
  async advise(signal: Signal, settings: EntrySettings, atMs: number, options: AdviseOptions = {}): Promise<Guidance> {
    const thinking = this.#thinking;
    if (thinking === undefined) return this.guide(signal, settings, atMs, options);
    return modelGuidance(signal, this.#read(signal, settings, atMs), thinking, options);
  }

  #read(signal: Signal, { tier, entryPreference, aggression }: EntrySettings, atMs: number): GuidanceReading {
    const instrument = this.#marketView.instrument(signal.instrumentId);
    return {
      settings: { tier, entryPreference, aggression },
      atMs,
      conditions: readConditions(this.#marketView, signal.instrumentId, atMs),
      ...(instrument === undefined ? {} : { instrument }),
    };
  }
}
