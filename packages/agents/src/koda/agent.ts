import {
  type Clock,
  type Guidance,
  type LanguageModel,
  type MarketView,
  type ModelCallContext,
  PerpDeskError,
  type Signal,
  type User,
} from '@perpdesk/core';
import { type EntryCandidate, entryCandidates } from './candidates.ts';
import { type MarketConditions, readConditions } from './features.ts';
import { chooseByModel } from './model-choice.ts';
import { kodaDefaults as defaults } from './settings.ts';
import { reasonNote, writeFacts } from './write-notes.ts';

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
export interface AdviseOptions {
  readonly signal?: AbortSignal;
  readonly context?: ModelCallContext;
  /** Called when the model could not be used and the rules answer: the error's code and message. */
  readonly onFallback?: (failure: { readonly code: string; readonly message: string }) => void;
}

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

  /** The rules' guidance for a signal at `atMs`. */
  guide(signal: Signal, settings: EntrySettings, atMs: number): Guidance {
    const { conditions, choice } = this.#read(signal, settings, atMs);
    return guidanceOf(signal, settings, atMs, {
      conditions,
      entry: choice.ruled,
      notes: [reasonNote(choice.reason)],
      source: 'rules',
    });
  }

  /** The guidance for a signal at `atMs`, the model's where there is one and its answer can be used, else the rules'. Never rejects. */
  async advise(signal: Signal, settings: EntrySettings, atMs: number, options: AdviseOptions = {}): Promise<Guidance> {
    const thinking = this.#thinking;
    if (thinking === undefined) return this.guide(signal, settings, atMs);
    const { conditions, choice } = this.#read(signal, settings, atMs);
    try {
      const { candidate, notes } = await chooseByModel(thinking.model, choice.candidates, {
        signal,
        conditions,
        clock: thinking.clock,
        timeoutMs: thinking.timeoutMs ?? defaults.modelTimeoutMs,
        context: { ...options.context, agent: 'koda', userId: signal.userId },
        ...(options.signal === undefined ? {} : { abort: options.signal }),
      });
      return guidanceOf(signal, settings, atMs, { conditions, entry: candidate, notes, source: 'model' });
    } catch (error) {
      const { code, message } = PerpDeskError.is(error)
        ? error
        : { code: 'model.unavailable', message: 'The model failed.' };
      options.onFallback?.({ code, message });
      return guidanceOf(signal, settings, atMs, {
        conditions,
        entry: choice.ruled,
        notes: [reasonNote(choice.reason)],
        source: 'rules',
      });
    }
  }

  #read(signal: Signal, settings: EntrySettings, atMs: number) {
    const conditions = readConditions(this.#marketView, signal.instrumentId, atMs);
    const instrument = this.#marketView.instrument(signal.instrumentId);
    return { conditions, choice: entryCandidates(signal, settings, { instrument, conditions }) };
  }
}

/** Guidance around an entry: what it is by whom it was chosen, the rest is computed. */
function guidanceOf(
  signal: Signal,
  settings: EntrySettings,
  atMs: number,
  {
    conditions,
    entry,
    notes,
    source,
  }: {
    readonly conditions: MarketConditions;
    readonly entry: EntryCandidate;
    readonly notes: readonly string[];
    readonly source: Guidance['source'];
  },
): Guidance {
  const { style, legs, slippage } = entry;
  const expiresAfterMs = Math.max(1, Math.min(defaults.restMs[settings.aggression], signal.expiresAtMs - atMs));
  const facts = writeFacts({ signal, style, legs, slippage, expiresAfterMs, conditions });
  return {
    signalId: signal.id,
    userId: signal.userId,
    style,
    legs: [...legs],
    slippage,
    expiresAfterMs,
    notes: [...notes.slice(0, defaults.mostNotes - facts.length), ...facts],
    source,
  };
}
