import type { Candle } from '../domain/candle.ts';
import type { FundingRate, Liquidation, OpenInterest, Ticker } from '../domain/market-data.ts';
import type { PredictionQuote } from '../domain/prediction-market.ts';
import type { VolumeBar } from '../domain/volume-bar.ts';
import type { IndicatorSnapshot } from './market-view.ts';
import type { WriteOutcome } from './time-series-store.ts';

/** What is kept, by kind, and by which instant (its own time). */
export interface SeriesRows {
  /** By open time. */
  candle: Candle;
  /** By open time. */
  volume: VolumeBar;
  /** By the open of the bar they were computed on. */
  indicators: IndicatorSnapshot;
  /** Samples of bid, ask, last, mark and index, by exchange time. */
  quote: Ticker;
  /** The last word on each settlement, by settlement. What settled is never overwritten by what was foretold. */
  funding: FundingRate;
  /** Every word on settlements to come, by exchange time: what was foretold at an instant. */
  'predicted-funding': FundingRate;
  /** By exchange time. */
  'open-interest': OpenInterest;
  /** By exchange time; two at one instant differ in side, price or size. */
  liquidation: Liquidation;
  /** Of a prediction market's contract, by exchange time. */
  prediction: PredictionQuote;
}
export type SeriesKind = keyof SeriesRows;

/** What names one series of a kind: instrument, instrument and timeframe, or contract. */
export type SeriesIdentity<Kind extends SeriesKind> = Pick<
  SeriesRows[Kind],
  Extract<keyof SeriesRows[Kind], 'instrumentId' | 'timeframe' | 'contractId'>
>;

/** A span of one series by its own time: from inclusive, to exclusive. */
export type SeriesSpan<Kind extends SeriesKind> = SeriesIdentity<Kind> & {
  readonly fromMs: number;
  readonly toMs: number;
};

/** Fields of a row that are measured, so that a sum means something. */
export type MeasuredField<Kind extends SeriesKind> = Exclude<
  { [F in keyof SeriesRows[Kind]]: Required<SeriesRows[Kind]>[F] extends number ? F : never }[keyof SeriesRows[Kind]],
  `${string}AtMs` | undefined
>;

/** What happened in one stretch of a series. A field that no row has is left out of sums and means. */
export interface SeriesSample<Kind extends SeriesKind> {
  /** The start of the stretch, a multiple of its length since the epoch. */
  readonly fromMs: number;
  readonly rows: number;
  readonly last: SeriesRows[Kind];
  readonly means: Readonly<Partial<Record<MeasuredField<Kind>, number>>>;
  readonly sums: Readonly<Partial<Record<MeasuredField<Kind>, number>>>;
}

/** A stretch of a series without a row: from the last row before it to the next one. */
export interface SeriesSilence {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Market data of every kind on disk. Writing the same rows again changes nothing; a row with the key of another and other
 * values replaces it. Rows that differ only in when they were heard are the same, and the earliest hearing stands.
 *
 * What takes `asOfMs` gives only what was known then: bars once they closed, other rows once they were received, and
 * never more than an hour before their own time (funding: 31 days, for settlements lie ahead). A row that was replaced later
 * is not known before its replacement was. Every method throws StoreError when the database fails, and the signal's reason
 * when aborted.
 */
export interface SeriesStore {
  /** @throws ValidationError `store.value` for a number that is not finite, an instant that is no integer. */
  write<Kind extends SeriesKind>(
    kind: Kind,
    rows: readonly SeriesRows[Kind][],
    options?: { readonly signal?: AbortSignal },
  ): Promise<WriteOutcome>;
  /**
   * Rows of a span, oldest first. `asOfMs` leaves out what was not known then. `limit` gives the first so many; `after`
   * goes on behind a row that was given before.
   */
  read<Kind extends SeriesKind>(
    kind: Kind,
    span: SeriesSpan<Kind> & {
      readonly asOfMs?: number;
      readonly limit?: number;
      readonly after?: SeriesRows[Kind];
    },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly SeriesRows[Kind][]>;
  /** The newest row of every series of a kind that was known at `asOfMs`, in an order that does not change. */
  latest<Kind extends SeriesKind>(
    kind: Kind,
    query: { readonly asOfMs: number },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly SeriesRows[Kind][]>;
  /** The newest row of one series that was known at `asOfMs`. */
  asOf<Kind extends SeriesKind>(
    kind: Kind,
    query: SeriesIdentity<Kind> & { readonly asOfMs: number },
    options?: { readonly signal?: AbortSignal },
  ): Promise<SeriesRows[Kind] | undefined>;
  /** A span in stretches of `everyMs`, oldest first; stretches that reach out of the span or hold no row are left out. */
  downsample<Kind extends SeriesKind>(
    kind: Kind,
    span: SeriesSpan<Kind> & { readonly everyMs: number },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly SeriesSample<Kind>[]>;
  /** Where two rows of a span that follow one another lie further apart than `longerThanMs`. */
  silences<Kind extends SeriesKind>(
    kind: Kind,
    span: SeriesSpan<Kind> & { readonly longerThanMs: number },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly SeriesSilence[]>;
}
