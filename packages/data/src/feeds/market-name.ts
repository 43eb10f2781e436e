import type { MarketId } from '@perpdesk/core';

/**
 * The name of a market, the same at every venue that lists it and never shared by two of one venue.
 *
 * - The venue's usual quote is left out: `BTC-PERP`. Another is kept: `BTC.USDC-PERP`; an inverse contract's is `BTC.USD-PERP`.
 * - Thousands stay thousands: Hyperliquid's `kPEPE` is `1000PEPE-PERP`, as it is at Binance. Prices are per thousand.
 * - A builder's market keeps its dex: `xyz:TSLA` is `XYZ:TSLA-PERP`.
 * - Other characters are written as their code point: `:5E01.`
 */
export function marketName(market: {
  readonly base: string;
  readonly quote: string;
  readonly settle: string;
  readonly usualQuote: string;
}): MarketId {
  const base = encoded(market.base.replace(/(^|:)k(?=[A-Z0-9]{2})/, '$11000'));
  const quoted = market.quote === market.usualQuote ? '' : `.${encoded(market.quote)}`;
  const foreign = market.settle !== market.quote && market.settle !== market.base;
  return `${base}${quoted}${foreign ? `.${encoded(market.settle)}` : ''}-PERP`;
}

function encoded(asset: string): string {
  const [, dex, coin = asset] = /^([A-Za-z0-9]+):(.+)$/s.exec(asset) ?? [];
  const plain = [...coin].map(character).join('');
  const named = dex === undefined ? plain : `${dex.toUpperCase()}:${plain}`;
  return /^[A-Z0-9]/.test(named) ? named : `U${named}`;
}

const character = (letter: string): string =>
  /[A-Z0-9]/.test(letter) ? letter : `:${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase()}.`;
