const factorFields = ['displacement', 'logVolatility', 'surplus', 'regime', 'minutesLeft', 'centre'] as const;
const marketFields = ['close', 'premium', 'positioning', 'building', 'buildingLeft', 'logVolume'] as const;
const pairFields = ['basis', 'premiumSum', 'premiumCount'] as const;

type Columns<Name extends string> = Readonly<Record<Name, Float64Array>>;

/** What the market model remembers from one minute to the next: columns that lie in one array, to be saved as one. */
export class ModelState {
  readonly numbers: Float64Array;
  /** By factor: the common one, then one a market. */
  readonly factor: Columns<(typeof factorFields)[number]>;
  /** By market. */
  readonly market: Columns<(typeof marketFields)[number]>;
  /** By pair: `venue × markets + market`. */
  readonly pair: Columns<(typeof pairFields)[number]>;

  constructor(markets: number, venues: number) {
    this.numbers = new Float64Array(modelStateSize(markets, venues));
    const factors = markets + 1;
    const pairs = markets * venues;
    let offset = 0;
    const columns = <Name extends string>(names: readonly Name[], length: number): Columns<Name> => {
      const entries = names.map((name) => {
        const column = this.numbers.subarray(offset, offset + length);
        offset += length;
        return [name, column] as const;
      });
      return Object.fromEntries(entries) as Record<Name, Float64Array>;
    };
    this.factor = columns(factorFields, factors);
    this.market = columns(marketFields, markets);
    this.pair = columns(pairFields, pairs);
  }
}

/** How many numbers the state of so many markets and venues is. */
export const modelStateSize = (markets: number, venues: number): number =>
  (markets + 1) * factorFields.length + markets * marketFields.length + markets * venues * pairFields.length;
