import type { TradingScope, TradingState, TradingSwitch } from '@perpdesk/core';
import { stricter } from './strictest-state.ts';

/** Trading states of this process alone: for embedding and tests. They are gone with it, and anybody may loosen them. */
export class MemoryTradingSwitch implements TradingSwitch {
  readonly #states = new Map<TradingScope, TradingState>();

  state(scopes: readonly TradingScope[]): TradingState {
    let strictest: TradingState = this.#states.get('operator') ?? 'active';
    for (const scope of scopes) strictest = stricter(strictest, this.#states.get(scope) ?? 'active');
    return strictest;
  }

  async set(scope: TradingScope, state: TradingState): Promise<void> {
    this.#states.set(scope, state);
  }
}
