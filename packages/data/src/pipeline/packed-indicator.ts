import type { StreamingIndicator, UpdateInPlace } from '../indicators/streaming-indicator.ts';
import { presentBar } from './present-bar.ts';

/** The column of a bar that an indicator of one column reads. Default `close`; others show in the name: `sma(20,volume)`. */
export interface SourceOption {
  readonly source?: 'open' | 'high' | 'low' | 'close' | 'volume';
}

/** An indicator of candles whose numbers are kept elsewhere, for any number of series: state first, then the outputs. */
export interface PackedIndicator {
  /** With its parameters and, unless it reads closes, its source: `sma(20,volume)`. */
  readonly name: string;
  /** What its values are called after its name, in order; the empty one stands for the indicator itself. */
  readonly outputs: readonly string[];
  /** Values that it computes on its way and that are those of another indicator, by its name: which output each is. */
  readonly also: Readonly<Record<string, number>>;
  /** How many numbers it takes. */
  readonly size: number;
  /** Where among them the outputs begin. */
  readonly outputsAt: number;
  /** Takes the present bar. */
  readonly update: UpdateInPlace;
}

/**
 * Those that are computed by themselves and not within another, what takes longest first, so that the processor can begin the
 * next ones meanwhile.
 */
export function ownIndicators(indicators: readonly PackedIndicator[]): readonly PackedIndicator[] {
  const shared = new Set(indicators.flatMap(({ also }) => Object.keys(also)));
  return indicators
    .filter(({ name, outputs }) => !(shared.has(name) && outputs.length === 1))
    .toSorted((one, other) => other.size - one.size);
}

type OfColumn = StreamingIndicator & {
  update(value: number): void;
  inPlace?(values: Float64Array): UpdateInPlace;
};
type OfBar = StreamingIndicator & { inPlace?(columns: typeof presentBar): UpdateInPlace };

/**
 * How indicators of one column are packed. Those without `inPlace` have their numbers copied in and out around each update.
 * `also`: see {@link PackedIndicator}, named without the source.
 */
export const ofColumn =
  <Options>(
    Indicator: new (options: Options) => OfColumn,
    outputs: readonly string[] = [''],
    also: (options: NonNullable<Options>) => Readonly<Record<string, number>> = () => ({}),
  ) =>
  (options: NonNullable<Options> & SourceOption): PackedIndicator => {
    const { source = 'close' } = options;
    const values = presentBar[source];
    const indicator = new Indicator(options);
    const update = indicator.inPlace?.(values) ?? copied(indicator, () => indicator.update(values[0] ?? Number.NaN));
    const named = (name: string): string => (source === 'close' ? name : `${name.slice(0, -1)},${source})`);
    const others = Object.entries(also(options)).map(([name, output]) => [named(name), output] as const);
    const packed = pack(indicator, outputs, update);
    return { ...packed, name: named(indicator.name), also: Object.fromEntries(others) };
  };

/** How indicators of whole bars are packed: `feed` gives one the present bar. */
export const ofBar =
  <Options, Indicator extends OfBar>(
    Class: new (options: Options) => Indicator,
    feed: (indicator: Indicator) => void,
    outputs: readonly string[] = [''],
  ) =>
  (options: NonNullable<Options>): PackedIndicator => {
    const indicator = new Class(options);
    const update = indicator.inPlace?.(presentBar) ?? copied(indicator, () => feed(indicator));
    return pack(indicator, outputs, update);
  };

function pack(indicator: StreamingIndicator, outputs: readonly string[], update: UpdateInPlace): PackedIndicator {
  const { name, size, outputCount } = indicator;
  return { name, outputs, also: {}, size, outputsAt: size - outputCount, update };
}

function copied(indicator: StreamingIndicator, update: () => void): UpdateInPlace {
  return (numbers, at) => {
    indicator.load(numbers, at);
    update();
    indicator.save(numbers, at);
  };
}
