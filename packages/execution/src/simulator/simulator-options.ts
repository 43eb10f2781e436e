import type { Clock, Usd } from '@perpdesk/core';
import type { ClientIdMode, ExchangeEngine, SimulatedAsset } from './engine/exchange-engine.ts';
import type { FaultRule } from './faults/fault-rule.ts';
import type { FaultScript } from './faults/fault-script.ts';
import type { RateLimits } from './limits/rate-limiter.ts';
import type { SimulatedMarketOptions } from './market/simulated-market.ts';

/** Options of {@link HyperliquidSimulator}. */
export interface HyperliquidSimulatorOptions {
  /** The exchange behind the protocol. Default: one of its own, with `assets` and `clientIds`. */
  readonly engine?: ExchangeEngine;
  /** What the exchange lists, without `engine`. Default: ten contracts as Hyperliquid has them. */
  readonly assets?: readonly SimulatedAsset[];
  /** How client order ids are treated, without `engine`. Default `unique-among-open`. */
  readonly clientIds?: ClientIdMode;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** What goes wrong, as rules or a script with a seed. Default nothing. */
  readonly faults?: readonly FaultRule[] | FaultScript;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Which network's signatures count. Default `mainnet`. */
  readonly network?: 'mainnet' | 'testnet';
  /** Those of the venue that differ, or `off` for none. Default: the venue's. */
  readonly rateLimits?: Partial<RateLimits> | 'off';
  /** Collateral by address, there from the start. */
  readonly accounts?: Readonly<Record<string, Usd>>;
  /** A market that moves by itself, with its options; `false` leaves the books to whoever feeds the engine. Default `false`. */
  readonly market?: boolean | Omit<SimulatedMarketOptions, 'engine' | 'clock'>;
  /** Milliseconds between two looks at what time brought. Default 100. */
  readonly tickMs?: number;
  /** A socket that was sent nothing for so long is closed, as the venue does. Default 60,000. */
  readonly idleAfterMs?: number;
}
