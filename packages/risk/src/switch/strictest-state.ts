import type { TradingState } from '@perpdesk/core';

const strictness: Readonly<Record<TradingState, number>> = { active: 0, reducing: 1, halted: 2 };

/** The stricter of two trading states. */
export const stricter = (a: TradingState, b: TradingState): TradingState => (strictness[a] >= strictness[b] ? a : b);

/** True when `to` allows more than `from`. */
export const loosens = (from: TradingState, to: TradingState): boolean => strictness[to] < strictness[from];
