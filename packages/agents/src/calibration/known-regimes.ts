import type { MarketId, Opinion, Regime } from '@perpdesk/core';
import { calibrationDefaults as defaults } from './settings.ts';

/** The state of each market as it was told last, for views that do not speak of it themselves. */
export class KnownRegimes {
  readonly #told = new Map<MarketId, { readonly regime: Regime; readonly atMs: number; readonly untilMs: number }>();

  /** Notes what an opinion says of its market's state, if it does. */
  hear({ market, regime, atMs, refreshMs }: Opinion): void {
    if (regime === undefined || (this.#told.get(market)?.atMs ?? Number.NEGATIVE_INFINITY) > atMs) return;
    this.#told.set(market, { regime, atMs, untilMs: atMs + defaults.regimeRefreshes * refreshMs });
  }

  /** What was told by `atMs` and still holds then. */
  at(market: MarketId, atMs: number): Regime | undefined {
    const told = this.#told.get(market);
    return told !== undefined && told.atMs <= atMs && atMs <= told.untilMs ? told.regime : undefined;
  }
}
