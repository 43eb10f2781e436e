import { instrumentId, toSize } from '@perpdesk/core';
import { observedTick } from '../instruments/observed-precision.ts';
import { profiledInstrument, venueProfiles } from '../instruments/venue-profile.ts';
import type { RecordedFile, ReplayFormat, RowLayout } from './replay-format.ts';
import { barFault, instantIn, timeFault } from './row-fields.ts';

const minuteMs = 60_000;
const fileName = /^([A-Za-z0-9]+)-perp(?:-\d{8}-\d{8})?_1m\.csv(?:\.gz)?$/i;

/** Volume comes in US dollars and is turned into base units at the close. */
const candles: RowLayout = {
  fields: 6,
  header: ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
  read(fields, numbers) {
    numbers[0] = instantIn(fields.text(0));
    for (let i = 1; i < 6; i += 1) numbers[i] = fields.number(i);
    const [openAtMs = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers;
    numbers[5] = volume / close;
    return timeFault(openAtMs, minuteMs) ?? barFault(open, high, low, close, volume);
  },
};

/** `btc-perp-20211231-20220115_1m.csv.gz`: minutes by the time they open, UTC, from a venue that is not told. */
export const usdVolumeFormat: ReplayFormat = {
  name: 'usd-volume',
  recognise(path): RecordedFile | undefined {
    const parts = fileName.exec(path.at(-1) ?? '');
    if (parts === null) return undefined;
    const base = (parts[1] ?? '').toUpperCase();
    return {
      kind: 'candles',
      instrumentId: instrumentId(`${base}-PERP`, venueProfiles.recorded.venue),
      symbol: `${base}-PERP`,
      base,
      quote: 'USD',
      timeframe: '1m',
      layout: candles,
      format: usdVolumeFormat,
    };
  },
  instrument(file, observed, lastClose) {
    const tick = observedTick(observed);
    // The volume says nothing of the lot: take a power of ten worth 1 to 10 dollars.
    const lotSize = toSize(`1e${-Math.floor(Math.log10(lastClose))}`);
    const instrument = profiledInstrument(venueProfiles.recorded, file.base, { tick, lotSize });
    const { maxLeverage, takerFeeRate } = venueProfiles.recorded;
    return {
      instrument,
      note: `The venue of ${file.instrumentId} is not told: tick ${tick} as its prices show, lots of ${lotSize}, taker fee ${takerFeeRate}, leverage to ${maxLeverage}.`,
    };
  },
};
