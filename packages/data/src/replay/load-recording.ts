import {
  type CandleColumns,
  ConfigError,
  type Instrument,
  type InstrumentId,
  type MarketId,
  marketOf,
  type Timeframe,
  timeframeMs,
} from '@perpdesk/core';
import { CandleBuffer, candleAt } from '../candles/candle-buffer.ts';
import { CandleRollup } from '../candles/candle-rollup.ts';
import { observedPrecision } from '../instruments/observed-precision.ts';
import { type FoundFile, findFiles } from './find-files.ts';
import { type RecordedBars, slice } from './history.ts';
import { readRows } from './read-rows.ts';
import { readText } from './read-text.ts';
import { type RecordedFile, rowWidth } from './replay-format.ts';
import { replayFormats } from './replay-formats.ts';
import { ReportBuilder } from './replay-report.ts';
import { RowTable } from './row-table.ts';

const minuteMs = 60_000;

/** What of a recording is wanted. */
export interface RecordingSelection {
  readonly directory: string;
  /** Minutes that open at or after this. Default: all. */
  readonly fromMs?: number;
  /** Minutes that close at or before this. Default: all. */
  readonly toMs?: number;
  /** Default: all. */
  readonly markets?: readonly MarketId[];
}

/** Everything recorded of one instrument. */
export interface RecordedMarket {
  readonly instrument: Instrument;
  /** The minutes to replay; never empty. */
  readonly minutes: CandleColumns;
  /** Rows `openAtMs, bid, ask`. */
  readonly quotes: RowTable;
  /** Rows `settlesAtMs, rate, intervalMs`. */
  readonly funding: RowTable;
  /** All bars, also those before and after the minutes to replay. */
  readonly bars: RecordedBars;
}

type NamedFile = FoundFile & { readonly recorded: RecordedFile };

/**
 * Reads a directory of recordings: finds the files, reads and tidies their rows, and selects the minutes to replay.
 * @returns the instruments in the order of their ids, and the report so far.
 * @throws ConfigError `replay.directory`, `replay.unreadable`, `replay.corrupt`, `replay.header`, `replay.ambiguous` (two
 * symbols of one instrument), `replay.empty` (no file of a known format), `replay.market` (a market that is not there),
 * `replay.no-candles` (no minute in the selection).
 */
export async function loadRecording(
  selection: RecordingSelection,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly markets: readonly RecordedMarket[]; readonly report: ReportBuilder }> {
  const report = new ReportBuilder();
  const files = await recognisedFiles(selection.directory, report, options);
  const wanted = wantedInstruments(files, selection);
  const markets: RecordedMarket[] = [];
  for (const id of wanted) {
    const mine = files.filter((file) => file.recorded.instrumentId === id);
    const market = await loadMarket(mine, selection, report, options.signal);
    if (market !== undefined) markets.push(market);
  }
  if (markets.length === 0) throw noCandles(selection, report);
  return { markets, report };
}

function noCandles(selection: RecordingSelection, report: ReportBuilder): ConfigError {
  const within = selection.fromMs === undefined && selection.toMs === undefined ? '' : ' in the time asked for';
  const { malformed, malformedCount } = report.build();
  const [first] = malformed;
  const because =
    first === undefined
      ? ''
      : `; rows that can not be read: ${malformedCount}, the first in ${first.file} line ${first.line}: ${first.reason}`;
  return new ConfigError(
    'replay.no-candles',
    `${selection.directory} holds no 1m candles to replay${within}${because}.`,
  );
}

async function recognisedFiles(directory: string, report: ReportBuilder, options: { readonly signal?: AbortSignal }) {
  const files: NamedFile[] = [];
  for (const file of await findFiles(directory, options)) {
    const recorded = replayFormats
      .map((format) => format.recognise(file.segments))
      .find((known) => known !== undefined);
    if (recorded === undefined) report.ignoredFiles.push(file.name);
    else files.push({ ...file, recorded });
  }
  if (files.length === 0) {
    throw new ConfigError(
      'replay.empty',
      `${directory} holds no recordings of a known format (${replayFormats.map((format) => format.name).join(', ')}).`,
    );
  }
  return files;
}

function wantedInstruments(files: readonly NamedFile[], selection: RecordingSelection): InstrumentId[] {
  const symbols = new Map<InstrumentId, string>();
  for (const { recorded } of files) {
    const symbol = symbols.get(recorded.instrumentId);
    if (symbol !== undefined && symbol !== recorded.symbol) {
      throw new ConfigError(
        'replay.ambiguous',
        `${selection.directory} holds both ${symbol} and ${recorded.symbol} as ${recorded.instrumentId}; replay them apart.`,
      );
    }
    symbols.set(recorded.instrumentId, recorded.symbol);
  }
  const found = [...symbols.keys()].sort();
  for (const market of selection.markets ?? []) {
    if (found.some((id) => marketOf(id) === market)) continue;
    const there = [...new Set(found.map(marketOf))].join(', ');
    throw new ConfigError('replay.market', `${selection.directory} holds no ${market}; it holds ${there}.`);
  }
  return found.filter((id) => selection.markets === undefined || selection.markets.includes(marketOf(id)));
}

async function loadMarket(
  files: readonly NamedFile[],
  selection: RecordingSelection,
  report: ReportBuilder,
  signal: AbortSignal | undefined,
): Promise<RecordedMarket | undefined> {
  const bars = new Map<Timeframe, RowTable>();
  const quotes = new RowTable(rowWidth.quotes);
  const funding = new RowTable(rowWidth.funding);
  for (const file of files) {
    signal?.throwIfAborted();
    const { kind, timeframe, layout } = file.recorded;
    const table = kind === 'candles' ? tableOf(bars, timeframe ?? '1m') : kind === 'quotes' ? quotes : funding;
    readRows(await readText(file), file.name, layout, table, report);
  }
  for (const table of [...bars.values(), quotes, funding]) table.tidy(report);
  const [first] = files;
  const recorded = new Map([...bars].map(([timeframe, table]) => [timeframe, columnsOf(table)] as const));
  const all = recorded.get('1m');
  if (first === undefined || all === undefined) return undefined;
  const minutes = select(all, selection);
  if (minutes.length === 0) {
    report.notes.push(`${first.recorded.instrumentId} has no 1m candles in the time asked for and is left out.`);
    return undefined;
  }
  const lastClose = minutes.close[minutes.length - 1] ?? 0;
  const { instrument, note } = first.recorded.format.instrument(first.recorded, observedPrecision(all), lastClose);
  if (note !== undefined) report.notes.push(note);
  inspect(instrument.id, minutes, report);
  return { instrument, minutes, quotes, funding, bars: recorded };
}

function tableOf(tables: Map<Timeframe, RowTable>, timeframe: Timeframe): RowTable {
  const table = tables.get(timeframe) ?? new RowTable(rowWidth.candles);
  tables.set(timeframe, table);
  return table;
}

function columnsOf(table: RowTable): CandleColumns {
  const bars = new CandleBuffer(table.length);
  for (let row = 0; row < table.length; row += 1) {
    bars.push(
      table.at(row, 0),
      table.at(row, 1),
      table.at(row, 2),
      table.at(row, 3),
      table.at(row, 4),
      table.at(row, 5),
    );
  }
  return bars.columns();
}

function select(bars: CandleColumns, selection: RecordingSelection): CandleColumns {
  let from = 0;
  let to = bars.length;
  while (from < to && (bars.openAtMs[from] ?? 0) < (selection.fromMs ?? Number.NEGATIVE_INFINITY)) from += 1;
  while (to > from && (bars.openAtMs[to - 1] ?? 0) + timeframeMs('1m') > (selection.toMs ?? Number.POSITIVE_INFINITY))
    to -= 1;
  return slice(bars, from, to);
}

/** Counts the minutes and finds what a roll-up of them will lack. */
function inspect(id: InstrumentId, minutes: CandleColumns, report: ReportBuilder): void {
  report.candlesByInstrument[id] = minutes.length;
  const rollup = new CandleRollup({
    instrumentId: id,
    listener: {
      closed: () => {},
      skipped: (bar) => report.partialBars.push(bar),
      gapped: (gap) => report.gaps.push(gap),
    },
  });
  for (let i = 0; i < minutes.length; i += 1) rollup.push(candleAt(minutes, { instrumentId: id, timeframe: '1m' }, i));
}

/** The close of a minute. */
export const closeOf = (minutes: CandleColumns, index: number): number => (minutes.openAtMs[index] ?? 0) + minuteMs;
