import { lengthOf, outputColumns } from './columns.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** What {@link cumulativeVolumeDelta} gives: columns of the input's length, in units of volume. */
export interface CumulativeVolumeDeltaColumns {
  /** Bought less sold volume of the bar. */
  readonly delta: Float64Array;
  /** The sum of deltas since the series began. */
  readonly cumulative: Float64Array;
}

/**
 * Volume of each bar by the side that took, in base units. Where a venue gives signed volume only, put it in one and
 * zeros in the other.
 */
export interface SidedVolumeColumns {
  readonly buyVolume: Float64Array;
  readonly sellVolume: Float64Array;
}

/** State: the sum of deltas. */
function runCumulativeVolumeDelta(
  state: Float64Array,
  columns: SidedVolumeColumns,
  out: CumulativeVolumeDeltaColumns,
  from: number,
  to: number,
): void {
  let sum = state[0] ?? 0;
  for (let i = from; i < to; i += 1) {
    const delta = (columns.buyVolume[i] ?? Number.NaN) - (columns.sellVolume[i] ?? Number.NaN);
    const finite = delta - delta === 0;
    sum = finite ? sum + delta : 0;
    out.delta[i] = finite ? delta : Number.NaN;
    out.cumulative[i] = finite ? sum : Number.NaN;
  }
  state[0] = sum;
}

/**
 * Cumulative volume delta: the running sum of volume bought less volume sold by takers, as exchanges mark the
 * aggressor. Only its changes mean something: its height depends on where the series begins. Results from row 0.
 * @throws ValidationError `indicator.columns`
 */
export function cumulativeVolumeDelta(
  columns: SidedVolumeColumns,
  out?: CumulativeVolumeDeltaColumns,
): CumulativeVolumeDeltaColumns {
  const length = lengthOf(columns.buyVolume, columns.sellVolume);
  const column = outputColumns(length, 2);
  const result = {
    delta: column(out?.delta),
    cumulative: column(out?.cumulative),
  };
  runCumulativeVolumeDelta(new Float64Array(1), columns, result, 0, length);
  return result;
}

const input = { buyVolume: new Float64Array(1), sellVolume: new Float64Array(1) };

/** {@link cumulativeVolumeDelta} bar by bar: O(1), no allocation. */
export class CumulativeVolumeDelta extends StreamingIndicator {
  readonly #columns: CumulativeVolumeDeltaColumns;

  constructor() {
    const columns = { delta: new Float64Array(1), cumulative: new Float64Array(1) };
    super({ name: 'cumulativeVolumeDelta', stateSize: 1, outputs: [columns.delta, columns.cumulative] });
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(buyVolume: number, sellVolume: number): void {
    input.buyVolume[0] = buyVolume;
    input.sellVolume[0] = sellVolume;
    runCumulativeVolumeDelta(this.state, input, this.#columns, 0, 1);
  }

  /** Bought less sold volume of the bar. NaN while warming up, like the others. */
  get delta(): number {
    return this.#columns.delta[0] ?? Number.NaN;
  }

  /** The sum of deltas since the series began. */
  get cumulative(): number {
    return this.#columns.cumulative[0] ?? Number.NaN;
  }
}
