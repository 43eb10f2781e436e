import type { Clock, Logger, Usd } from '@perpdesk/core';
import type { FeeTier } from '../../matching/fee-tiers.ts';
import type { ClientIdMode, EngineAccount, SimulatedAsset } from './exchange-engine.ts';

/** Options of the simulated exchange. */
export interface SimulatedExchangeOptions {
  readonly clock: Clock;
  /** What it lists. Default `hyperliquidAssets`. */
  readonly assets?: readonly SimulatedAsset[];
  /** Default `unique-among-open`. */
  readonly clientIds?: ClientIdMode;
  /** Default `hyperliquidFeeTiers`. */
  readonly feeTiers?: readonly FeeTier[];
  /** Notional an account must have traded before it may schedule a cancellation; Hyperliquid asks "1000000". Default "0". */
  readonly scheduleCancelVolume?: string;
  /** Order numbers count on from here. Default 0. */
  readonly firstOrderId?: number;
  /** Hears of listeners that throw. */
  readonly logger?: Logger;
}

/** Where the collateral is that no account holds: with all accounts it sums to the deposits, at any marks. */
export interface ExchangeTotals {
  readonly fees: Usd;
  /** The participants without an account: cash they gave or took, and their signed positions. */
  readonly outside: { readonly cash: Usd; readonly positions: Readonly<Record<string, string>> };
  readonly backstop: EngineAccount;
}
