import type { EntryStyle, Guidance, MarketView, Signal, User } from '@perpdesk/core';
import { chooseStyle } from './choose-style.ts';
import { entryLegs } from './entry-legs.ts';
import { estimateSlippage } from './estimate-slippage.ts';
import { readConditions } from './market-conditions.ts';
import { kodaDefaults as defaults } from './settings.ts';
import { writeNotes } from './write-notes.ts';

/** What Koda goes by of a user. */
export type EntrySettings = Pick<User, 'tier' | 'entryPreference' | 'aggression'>;

/** What holds for a user who is not known. */
export const entryDefaults: EntrySettings = { tier: 'beginner', entryPreference: 'ladder', aggression: 'balanced' };

/** Options of {@link Koda}. */
export interface KodaOptions {
  readonly marketView: MarketView;
}

/**
 * Advises how to enter a signal: style, orders, slippage and notes, by rules alone and from market data as of the clock. The same signal,
 * settings and data give the same guidance.
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

  constructor(options: KodaOptions) {
    this.#marketView = options.marketView;
  }

  /** The guidance for a signal at `atMs`. */
  guide(signal: Signal, settings: EntrySettings, atMs: number): Guidance {
    const conditions = readConditions(this.#marketView, signal.instrumentId, atMs);
    const choice = chooseStyle(signal, settings, conditions);
    const instrument = this.#marketView.instrument(signal.instrumentId);
    const legs = entryLegs(choice.style, { signal, aggression: settings.aggression, instrument, conditions });
    // A ladder too small for its rungs has become one limit.
    const style: EntryStyle = choice.style === 'ladder' && legs.length === 1 ? 'sniper' : choice.style;
    const slippage = estimateSlippage(style, signal.notional, conditions);
    const expiresAfterMs = Math.max(1, Math.min(defaults.restMs[settings.aggression], signal.expiresAtMs - atMs));
    return {
      signalId: signal.id,
      userId: signal.userId,
      style,
      legs: [...legs],
      slippage,
      expiresAfterMs,
      notes: writeNotes({ signal, choice: { ...choice, style }, legs, slippage, expiresAfterMs, conditions }),
      source: 'rules',
    };
  }
}
