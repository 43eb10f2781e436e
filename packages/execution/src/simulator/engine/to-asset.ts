import { ConfigError, Decimal, type Instrument } from '@perpdesk/core';
import type { SimulatedAsset } from './exchange-engine.ts';
import { listAsset } from './listed-asset.ts';

/**
 * The contract of the exchange that has an instrument's rules: lots, price grid, margin tiers. The other way than `toInstrument`.
 * @throws ConfigError `simulator.asset` for an instrument whose rules the exchange does not have.
 */
export function toAsset(instrument: Instrument): SimulatedAsset {
  const { base, lotSize, priceRule, marginTiers, contract, contractSize, id } = instrument;
  const sizeDecimals = new Decimal(lotSize).decimalPlaces();
  const asset: SimulatedAsset = {
    coin: base,
    sizeDecimals,
    maxLeverage: Math.max(...marginTiers.map(({ maxLeverage }) => maxLeverage)),
    marginTiers: marginTiers.map(({ notionalFrom, maxLeverage }) => ({ notionalFrom, maxLeverage })),
  };
  const listed = listAsset(asset);
  const wrong =
    contract !== 'linear' || contractSize !== '1'
      ? 'is no linear contract of one unit'
      : !new Decimal(lotSize).equals(listed.lot)
        ? `trades in lots of ${lotSize}`
        : JSON.stringify(sorted(priceRule)) !== JSON.stringify(sorted(listed.priceRule))
          ? 'has another price grid'
          : marginTiers.some(
                (tier, index) => !hasRate(tier.maintenanceMarginRate, listed.tiers[index]?.maintenanceMarginRate),
              )
            ? 'has other maintenance margins'
            : undefined;
  if (wrong === undefined) return asset;
  throw new ConfigError('simulator.asset', `${id} ${wrong}: the simulated exchange does not list such contracts.`);
}

const sorted = (rule: object): object => Object.fromEntries(Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1)));

const hasRate = (one: string, other: string | undefined): boolean =>
  other !== undefined && new Decimal(one).minus(other).abs().lessThan('1e-12');
