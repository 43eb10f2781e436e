import { instrumentId, type Timeframe, timeframeMs } from '@perpdesk/core';
import { hyperliquidInstrument, isListedOnHyperliquid } from '../instruments/hyperliquid.ts';
import type { RecordedFile, ReplayFormat, RowLayout } from './replay-format.ts';
import { barFault, rateFault, timeFault } from './row-fields.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** Hyperliquid paid funding every 8 hours before this instant and every hour since. */
const hourlyFundingSinceMs = Date.UTC(2023, 5, 8);

const fileName = /^([A-Za-z0-9]+)-([A-Z]+)-PERP_(?:(1m|5m|15m|1h|4h|1d)-ohlcv|(1h-funding_rate))\.csv(?:\.gz)?$/;

const candles = (timeframe: Timeframe): RowLayout => ({
  fields: 6,
  header: ['t_open_ms', 'open', 'high', 'low', 'close', 'volume'],
  read(fields, numbers) {
    for (let i = 0; i < 6; i += 1) numbers[i] = fields.number(i);
    const [openAtMs = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers;
    return timeFault(openAtMs, timeframeMs(timeframe)) ?? barFault(open, high, low, close, volume);
  },
});

/** Rows are stamped some milliseconds, in outages up to minutes, after the hour they settle. */
const funding: RowLayout = {
  fields: 2,
  header: ['fundingTime_ms', 'fundingRate'],
  read(fields, numbers) {
    const stampedAtMs = fields.number(0);
    const rate = fields.number(1);
    const settlesAtMs = Math.floor((stampedAtMs + minuteMs) / hourMs) * hourMs;
    numbers[0] = settlesAtMs;
    numbers[1] = rate;
    numbers[2] = settlesAtMs < hourlyFundingSinceMs ? 8 * hourMs : hourMs;
    return timeFault(stampedAtMs, 1) ?? rateFault(rate);
  },
};

/** `BTC-USDC-PERP_1m-ohlcv.csv.gz`, `…_5m-…`, `…_1h-funding_rate.csv`: prices in the quote, volume in base units, UTC. */
export const hyperliquidFormat: ReplayFormat = {
  name: 'hyperliquid',
  recognise(path): RecordedFile | undefined {
    const parts = fileName.exec(path.at(-1) ?? '');
    if (parts === null) return undefined;
    const [, symbol = '', quote = '', timeframe] = parts;
    const base = symbol.toUpperCase();
    const shared = {
      instrumentId: instrumentId(`${base}-PERP`, 'hyperliquid'),
      symbol: `${symbol}-${quote}`,
      base,
      quote,
      format: hyperliquidFormat,
    };
    if (timeframe === undefined) return { ...shared, kind: 'funding', layout: funding };
    return { ...shared, kind: 'candles', timeframe: timeframe as Timeframe, layout: candles(timeframe as Timeframe) };
  },
  instrument(file, observed) {
    const instrument = hyperliquidInstrument(file.base, { quote: file.quote, sizeDecimals: observed.volumeDecimals });
    if (isListedOnHyperliquid(file.base)) return { instrument };
    return {
      instrument,
      note: `The rules of ${file.instrumentId} are not known: lots of ${instrument.lotSize} as its volumes show, leverage to 3.`,
    };
  },
};
