import { Decimal } from '@perpdesk/core';
import { TradedVolume } from '../../matching/fee-tiers.ts';
import type { EngineFill } from './exchange-engine.ts';
import type { ExchangeOrder } from './exchange-order.ts';

const zero = new Decimal(0);

/** A position as the engine works with it. One per coin; it keeps its margin mode. */
export interface ExchangePosition {
  readonly coin: string;
  readonly isLong: boolean;
  /** Above zero. */
  readonly size: Decimal;
  /** Σ price·size of what is held. */
  readonly cost: Decimal;
  readonly marginMode: 'isolated' | 'cross';
  /** Collateral set aside for it; zero of a cross one. */
  readonly margin: Decimal;
  /** Received (positive) or paid since it was opened. */
  readonly funding: Decimal;
  /** Size and cost in float64, for the screen before an exact comparison only. */
  readonly sizeFloat: number;
  readonly costFloat: number;
}

/** What an account's orders in one book would open at most. Reduce-only ones open nothing. */
export interface RestingExposure {
  readonly buy: { size: Decimal; notional: Decimal };
  readonly sell: { size: Decimal; notional: Decimal };
}

export interface MarginSetting {
  readonly leverage: number;
  readonly marginMode: 'isolated' | 'cross';
}

/** An account as the engine works with it. */
export class ExchangeAccount {
  readonly name: string;
  /** Collateral that no isolated position holds: deposits + realised − fees + funding ± transfers − isolated margins. */
  cash = zero;
  readonly positions = new Map<string, ExchangePosition>();
  readonly settings = new Map<string, MarginSetting>();
  /** Everything open, waiting children included, oldest first. */
  readonly open = new Map<number, ExchangeOrder>();
  /** Those of the open ones that may only lessen a position. */
  readonly reducers = new Set<ExchangeOrder>();
  /** Every order that ever was, oldest first. */
  readonly orders: ExchangeOrder[] = [];
  readonly byClientId = new Map<string, ExchangeOrder>();
  readonly exposure = new Map<string, RestingExposure>();
  readonly fills: EngineFill[] = [];
  readonly volume = new TradedVolume();
  tradedNotional = zero;
  feesOfDay: { readonly day: number; readonly maker: Decimal; readonly taker: Decimal } | undefined;
  scheduledCancelAtMs: number | undefined;
  scheduledFirings = { day: -1, count: 0 };
  /** When a part of a large position was last sent to the market by force, by coin. */
  readonly liquidatedAtMs = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  /** What rests in a book of the account, made when there is none. */
  exposureOn(coin: string): RestingExposure {
    let exposure = this.exposure.get(coin);
    if (exposure === undefined) {
      exposure = { buy: { size: zero, notional: zero }, sell: { size: zero, notional: zero } };
      this.exposure.set(coin, exposure);
    }
    return exposure;
  }

  /** The open orders of one coin, oldest first. */
  openOn(coin: string): readonly ExchangeOrder[] {
    return [...this.open.values()].filter(({ given }) => given.coin === coin);
  }

  /** The position's size with its sign, "0" where there is none. */
  signedSize(coin: string): Decimal {
    const position = this.positions.get(coin);
    if (position === undefined) return zero;
    return position.isLong ? position.size : position.size.negated();
  }
}
