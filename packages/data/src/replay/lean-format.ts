import { instrumentId, toSize } from '@perpdesk/core';
import { observedTick } from '../instruments/observed-precision.ts';
import { profiledInstrument, type VenueProfile, venueProfiles } from '../instruments/venue-profile.ts';
import type { RecordedFile, ReplayFormat, RowLayout } from './replay-format.ts';
import { barFault, dayIn, instantIn, rateFault, timeFault } from './row-fields.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Lean's venue folders: what a coin-quoted (`btcusdt`) and a dollar-quoted, coin-margined symbol (`btcusd`) is there. */
const venues: Readonly<Record<string, { readonly linear: VenueProfile; readonly inverse: VenueProfile }>> = {
  binance: { linear: venueProfiles.binance, inverse: venueProfiles['binance-coinm'] },
  bybit: { linear: venueProfiles.bybit, inverse: venueProfiles['bybit-inverse'] },
};

const symbolName = /^([a-z0-9]+?)(usdt|usdc|usd)$/;
const minuteFile = /^(\d{8})_(trade|quote)\.zip$/;

/** Recorded volume in base units: linear as it stands, inverse contracts × their dollar value / close. */
const trades = (midnightMs: number, contractValue: number | undefined): RowLayout => ({
  fields: 6,
  read(fields, numbers) {
    for (let i = 1; i < 6; i += 1) numbers[i] = fields.number(i);
    const offsetMs = fields.number(0);
    numbers[0] = midnightMs + offsetMs;
    const [openAtMs = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers;
    if (contractValue !== undefined) numbers[5] = (volume * contractValue) / close;
    return dayFault(openAtMs, offsetMs) ?? barFault(open, high, low, close, volume);
  },
});

/** Only the closes are used: `ms, bid o,h,l,c,size, ask o,h,l,c,size`. */
const quotes = (midnightMs: number): RowLayout => ({
  fields: 11,
  read(fields, numbers) {
    const offsetMs = fields.number(0);
    const bid = fields.number(4);
    const ask = fields.number(9);
    numbers[0] = midnightMs + offsetMs;
    numbers[1] = bid;
    numbers[2] = ask;
    const fault = dayFault(midnightMs + offsetMs, offsetMs);
    if (fault !== undefined) return fault;
    if (!Number.isFinite(bid + ask)) return 'the bid or the ask is not a number';
    return bid > 0 && bid < ask ? undefined : `the bid ${bid} is not between zero and the ask ${ask}`;
  },
});

function dayFault(atMs: number, offsetMs: number): string | undefined {
  if (!Number.isFinite(offsetMs)) return 'the time is not a number';
  if (offsetMs < 0 || offsetMs >= dayMs) return `the time ${offsetMs} ms is not inside a day`;
  return timeFault(atMs, minuteMs);
}

const funding = (intervalMs: number): RowLayout => ({
  fields: 2,
  read(fields, numbers) {
    const settlesAtMs = instantIn(fields.text(0));
    const rate = fields.number(1);
    numbers[0] = settlesAtMs;
    numbers[1] = rate;
    numbers[2] = intervalMs;
    return timeFault(settlesAtMs, minuteMs) ?? rateFault(rate);
  },
});

function symbolOf(venue: string | undefined, symbol: string | undefined) {
  const profiles = venues[venue ?? ''];
  const parts = symbolName.exec(symbol ?? '');
  if (profiles === undefined || parts === null) return undefined;
  const base = (parts[1] ?? '').toUpperCase();
  const quote = (parts[2] ?? '').toUpperCase();
  const profile = quote === 'USD' ? profiles.inverse : profiles.linear;
  const shared = { instrumentId: instrumentId(`${base}-PERP`, profile.venue), symbol: symbol ?? '', base, quote };
  return { profile, shared: { ...shared, format: leanFormat } };
}

/**
 * QuantConnect Lean's folders (github.com/QuantConnect/Lean, Data/cryptofuture): `<venue>/minute/<symbol>/<day>_trade.zip`
 * and `_quote.zip`, `<venue>/margin_interest/<symbol>.csv` with the funding of each 8 hours. UTC, no header lines.
 */
export const leanFormat: ReplayFormat = {
  name: 'lean',
  recognise(path): RecordedFile | undefined {
    const [venue, folder, symbol, file] = path.slice(-4);
    const minute = minuteFile.exec(file ?? '');
    if (folder === 'minute' && minute !== null) {
      const known = symbolOf(venue, symbol);
      const midnightMs = dayIn(minute[1] ?? '');
      if (known === undefined || Number.isNaN(midnightMs)) return undefined;
      if (minute[2] === 'quote') return { ...known.shared, kind: 'quotes', layout: quotes(midnightMs) };
      const value =
        known.profile.contract === 'inverse' ? (known.profile.contractValue?.(known.shared.base) ?? 1) : undefined;
      return { ...known.shared, kind: 'candles', timeframe: '1m', layout: trades(midnightMs, value) };
    }
    const [marginVenue, marginFolder, marginFile = ''] = path.slice(-3);
    if (marginFolder !== 'margin_interest' || !marginFile.endsWith('.csv')) return undefined;
    const known = symbolOf(marginVenue, marginFile.slice(0, -'.csv'.length));
    return known && { ...known.shared, kind: 'funding', layout: funding(known.profile.fundingIntervalMs) };
  },
  instrument(file, observed) {
    const profile = symbolOf(file.instrumentId.includes('@binance') ? 'binance' : 'bybit', file.symbol)?.profile;
    const known = { ...(profile ?? venueProfiles.recorded), quote: file.quote };
    const settled = known.contract === 'linear' ? { ...known, settle: file.quote } : known;
    const precision = { tick: observedTick(observed), lotSize: toSize(`1e-${observed.volumeDecimals}`) };
    const instrument = profiledInstrument(settled, file.base, precision);
    return {
      instrument,
      note: `Tick ${precision.tick} and lot ${instrument.lotSize} of ${file.instrumentId} are read off its rows, its leverage is held to ${known.maxLeverage}.`,
    };
  },
};
