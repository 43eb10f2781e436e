/**
 * The rate of an interval from the mean 8-hour premium: premium + clamp(0.01 % − premium, ±0.05 %), by the interval's part
 * of 8 hours (hyperliquid.gitbook.io/hyperliquid-docs/trading/funding; Binance's formula is the same at 8 hours). To 10
 * decimals, never −0.
 */
export function fundingRate(premium: number, intervalMs: number): number {
  const rate = premium + Math.max(-0.0005, Math.min(0.0005, 0.0001 - premium));
  return Math.round((rate * intervalMs * 1e10) / 28_800_000) / 1e10 + 0;
}
