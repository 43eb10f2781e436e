import { Decimal, type Price, type Rate, toPrice, toRate, toUsd } from '../decimal.ts';
import { type IsolatedPosition, liquidationPrice } from './liquidation-price.ts';
import { maintenanceMargin } from './margin.ts';

/** How a venue reckons when a position is liquidated. */
export interface MarginRule {
  /** The notional that maintenance is taken of: that at the liquidation price, or that of the entry. */
  readonly maintenanceAt: 'liquidation' | 'entry';
  /** True where the fee of the liquidating order counts as maintenance too. */
  readonly feeCounts: boolean;
  /** Where the venue says so. */
  readonly source: string;
}

/** The venues' rules for isolated linear positions, read in their public documents. */
export const marginRules: Readonly<Record<string, MarginRule>> = {
  binance: {
    maintenanceAt: 'liquidation',
    feeCounts: false,
    source: 'https://www.binance.com/en/support/faq/detail/b3c689c1f50a44cabb3a84e663b81d93',
  },
  aster: { maintenanceAt: 'liquidation', feeCounts: false, source: 'https://docs.asterdex.com' },
  hyperliquid: {
    maintenanceAt: 'liquidation',
    feeCounts: false,
    source: 'https://hyperliquid.gitbook.io/hyperliquid-docs/trading/liquidations',
  },
  lighter: { maintenanceAt: 'liquidation', feeCounts: false, source: 'https://docs.lighter.xyz' },
  okx: {
    maintenanceAt: 'liquidation',
    feeCounts: true,
    source: 'https://www.okx.com/help/iii-single-currency-margin-cross-margin-trading',
  },
  bybit: {
    maintenanceAt: 'entry',
    feeCounts: false,
    source:
      'https://www.bybit.com/en/help-center/article/Liquidation-Price-Calculation-under-Isolated-Mode-Unified-Trading-Account',
  },
};

const standard: MarginRule = { maintenanceAt: 'liquidation', feeCounts: false, source: '' };

/**
 * The liquidation price of an isolated linear position by its venue's rule; a venue that is not known reckons as Binance does.
 * Bybit takes maintenance of the entry's notional: entry ∓ (margin − maintenance) / size. OKX adds the taker fee to the rate.
 * @throws ValidationError `margin-tiers.invalid`
 */
export function venueLiquidationPrice(
  venue: string,
  position: IsolatedPosition,
  options: { readonly takerFeeRate?: Rate } = {},
): Price | undefined {
  const rule = marginRules[venue] ?? standard;
  if (rule.maintenanceAt === 'entry') return fromEntry(position);
  const fee = rule.feeCounts ? (options.takerFeeRate ?? toRate(0)) : toRate(0);
  const tiers = position.tiers.map((tier) => ({
    ...tier,
    maintenanceMarginRate: toRate(new Decimal(tier.maintenanceMarginRate).plus(fee)),
  }));
  return liquidationPrice({ ...position, tiers });
}

function fromEntry({ direction, entryPrice, size, margin, tiers }: IsolatedPosition): Price | undefined {
  const amount = new Decimal(size);
  if (amount.isZero()) return undefined;
  const maintenance = maintenanceMargin(tiers, toUsd(amount.times(entryPrice)));
  const room = new Decimal(margin).minus(maintenance).dividedBy(amount);
  const price = direction === 'long' ? new Decimal(entryPrice).minus(room) : new Decimal(entryPrice).plus(room);
  return price.greaterThan(0) ? toPrice(price) : undefined;
}
