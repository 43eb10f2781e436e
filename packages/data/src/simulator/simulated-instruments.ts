import { ConfigError, type Instrument, type Price, type Size, toPrice, toSize } from '@perpdesk/core';
import { hyperliquidInstrument } from '../instruments/hyperliquid.ts';
import { profiledInstrument, venueProfiles } from '../instruments/venue-profile.ts';

interface Precision {
  readonly tick: Price;
  readonly lotSize: Size;
}
const precision = (tick: string, lot: string): Precision => ({ tick: toPrice(tick), lotSize: toSize(lot) });

/** Ticks and lots of the venues' USDT perpetuals in 2025 (their `exchangeInfo` and `instruments-info` answers). */
const precisions: Readonly<Record<string, Readonly<Record<string, Precision>>>> = {
  binance: {
    BTC: precision('0.1', '0.001'),
    ETH: precision('0.01', '0.001'),
    SOL: precision('0.01', '0.01'),
    XRP: precision('0.0001', '0.1'),
    DOGE: precision('0.00001', '1'),
  },
  bybit: {
    BTC: precision('0.1', '0.001'),
    ETH: precision('0.01', '0.01'),
    SOL: precision('0.01', '0.1'),
    XRP: precision('0.0001', '0.1'),
    DOGE: precision('0.00001', '1'),
  },
};

/** A simulated market at a simulated venue. @throws ConfigError `simulator.market` when the simulator has no such one. */
export function simulatedInstrument(base: string, venue: string): Instrument {
  if (venue === 'hyperliquid') return hyperliquidInstrument(base);
  const known = precisions[venue]?.[base];
  if (known === undefined || (venue !== 'binance' && venue !== 'bybit')) {
    throw new ConfigError('simulator.market', `The simulator has no ${base} at ${venue}.`);
  }
  return profiledInstrument(venueProfiles[venue], base, known);
}
