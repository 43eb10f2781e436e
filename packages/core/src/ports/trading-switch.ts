import * as z from 'zod';

/** ACTIVE trades, REDUCING takes only what lessens risk, HALTED sends nothing new but exits. */
export const tradingStateSchema = z.enum(['active', 'reducing', 'halted']);
export type TradingState = z.infer<typeof tradingStateSchema>;

/** Whom a state holds for: `operator` (all), `user:<id>`, `agent:<name>`, `market:<market>`. The strictest counts. */
export const tradingScopeSchema = z.union([
  z.literal('operator'),
  z.templateLiteral(['user:', z.string()]),
  z.templateLiteral(['agent:', z.string()]),
  z.templateLiteral(['market:', z.string()]),
]);
export type TradingScope = z.infer<typeof tradingScopeSchema>;

/** The state of trading: an in-memory latch first, made durable after. Survives restarts. */
export interface TradingSwitch {
  /** The strictest state of all the scopes given and the operator's. Never fails: unreadable counts as halted. */
  state(scopes: readonly TradingScope[]): TradingState;
  /** Takes effect before it returns; the promise tells when it is durable. Tightening needs nothing, loosening is for the owner of the scope. */
  set(scope: TradingScope, state: TradingState, reason: string): Promise<void>;
}
