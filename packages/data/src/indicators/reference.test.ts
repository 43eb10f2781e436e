import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { atr } from './atr.ts';
import { bollinger } from './bollinger.ts';
import { donchian } from './donchian.ts';
import { ema } from './ema.ts';
import { macd } from './macd.ts';
import { obv } from './obv.ts';
import { roc } from './roc.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { standardDeviation } from './standard-deviation.ts';
import { stochRsi } from './stoch-rsi.ts';
import { vwap } from './vwap.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url));
const folder = `${fixtures}/indicators`;

interface ReferenceRow {
  readonly [output: string]: number | string | null;
}

const expectedRows = (name: string): readonly ReferenceRow[] =>
  JSON.parse(gunzipSync(readFileSync(`${folder}/skender/results/${name}.standard.json.gz`)).toString('utf8'));

function quotes() {
  const lines = readFileSync(`${folder}/skender/quotes/default.csv`, 'utf8').trim().split('\n').slice(1);
  const column = (read: (cells: readonly string[]) => number): Float64Array =>
    Float64Array.from(lines, (line) => read(line.trim().split(',')));
  return {
    openAtMs: column(([day]) => Date.parse(`${day}T00:00:00Z`)),
    high: column((cells) => Number(cells[2])),
    low: column((cells) => Number(cells[3])),
    close: column((cells) => Number(cells[4])),
    volume: column((cells) => Number(cells[5])),
  };
}

/** Compares from `fromRow` on, to 1e-8 of the value; before, that both are empty where `sameHead`. */
function expectSame(
  actual: Float64Array,
  rows: readonly ReferenceRow[],
  output: string,
  { fromRow, sameHead = false }: { readonly fromRow: number; readonly sameHead?: boolean },
): void {
  expect(actual.length).toBe(rows.length);
  const wrong = rows.flatMap((row, i) => {
    const value = row[output];
    const ours = actual[i] ?? Number.NaN;
    if (i < fromRow) return sameHead && (value !== null || !Number.isNaN(ours)) ? [{ i, ours, value }] : [];
    const tolerance = 1e-8 * Math.max(1e-6, Math.abs(Number(value)));
    return typeof value === 'number' && Math.abs(ours - value) <= tolerance ? [] : [{ i, ours, value }];
  });
  expect(wrong).toStrictEqual([]);
}

describe.skipIf(!existsSync(folder))('Stock.Indicators reference values (fixtures/indicators/skender)', () => {
  it('behavior: sma(20) from its first row', () => {
    expectSame(sma(quotes().close, { period: 20 }), expectedRows('sma-analysis'), 'sma', {
      fromRow: 19,
      sameHead: true,
    });
  });

  it('behavior: ema(20) from its first row', () => {
    expectSame(ema(quotes().close, { period: 20 }), expectedRows('ema'), 'ema', { fromRow: 19, sameHead: true });
  });

  it('behavior: rsi(14) from its first row', () => {
    expectSame(rsi(quotes().close), expectedRows('rsi'), 'rsi', { fromRow: 14, sameHead: true });
  });

  it('behavior: atr(14) from its first row', () => {
    expectSame(atr(quotes()), expectedRows('atr'), 'atr', { fromRow: 14, sameHead: true });
  });

  it('behavior: macd(12,26,9) once its other seeding of the fast average has faded', () => {
    const ours = macd(quotes().close);
    expectSame(ours.macd, expectedRows('macd'), 'macd', { fromRow: 220 });
    expectSame(ours.signal, expectedRows('macd'), 'signal', { fromRow: 220 });
    expectSame(ours.histogram, expectedRows('macd'), 'histogram', { fromRow: 220 });
  });

  it('behavior: stochRsi from its first row; its signal of unsmoothed values is our %K', () => {
    const ours = stochRsi(quotes().close);
    expectSame(ours.raw, expectedRows('stoch-rsi'), 'stochRsi', { fromRow: 27, sameHead: true });
    expectSame(ours.k, expectedRows('stoch-rsi'), 'signal', { fromRow: 29, sameHead: true });
  });

  it('behavior: obv up to the first volume, with which TA-Lib and we begin', () => {
    const columns = quotes();
    const first = columns.volume[0] ?? Number.NaN;
    expectSame(
      obv(columns).map((value) => value - first),
      expectedRows('obv'),
      'obv',
      { fromRow: 0 },
    );
  });

  it('behavior: vwap over one session from its first row', () => {
    expectSame(vwap(quotes(), { sessionMs: 1e15 }), expectedRows('vwap'), 'vwap', { fromRow: 0 });
  });

  it('behavior: roc(14) from its first row', () => {
    expectSame(roc(quotes().close, { period: 14 }), expectedRows('roc'), 'roc', { fromRow: 14, sameHead: true });
  });

  it('behavior: donchian(20), whose reference leaves the present bar out', () => {
    const ours = donchian(quotes());
    const before = (column: Float64Array): Float64Array =>
      Float64Array.from(column, (_, i) => column[i - 1] ?? Number.NaN);
    expectSame(before(ours.upper), expectedRows('donchian'), 'upperBand', { fromRow: 20, sameHead: true });
    expectSame(before(ours.middle), expectedRows('donchian'), 'centerline', { fromRow: 20, sameHead: true });
    expectSame(before(ours.lower), expectedRows('donchian'), 'lowerBand', { fromRow: 20, sameHead: true });
  });
});

/** The rows of numbers below a title of Tulip's test file. */
function tulip(title: string): readonly Float64Array[] {
  const lines = readFileSync(`${folder}/tulip/untest.txt`, 'utf8').split('\n');
  const rows: Float64Array[] = [];
  for (let i = lines.indexOf(title) + 1; lines[i]?.startsWith('{'); i += 1) {
    rows.push(Float64Array.from((lines[i] ?? '').slice(1, -1).split(','), Number));
  }
  return rows;
}

/** Compares the results past the warm-up with a row printed to three decimals. */
function expectPrinted(actual: Float64Array, printed: Float64Array | undefined): void {
  const results = actual.filter(Number.isFinite);
  expect(results.length).toBe(printed?.length);
  const wrong = [...results].filter((value, i) => !(Math.abs(value - (printed?.[i] ?? Number.NaN)) <= 0.000_501));
  expect(wrong).toStrictEqual([]);
}

describe.skipIf(!existsSync(folder))('Tulip reference values, three decimals (fixtures/indicators/tulip)', () => {
  it('behavior: sma(5), standardDeviation(5), bollinger(5,2), rsi(5)', () => {
    const [values = new Float64Array(), average] = tulip('sma 5');
    expectPrinted(sma(values, { period: 5 }), average);
    expectPrinted(standardDeviation(values, { period: 5 }).deviation, tulip('stddev 5')[1]);
    const bands = bollinger(values, { period: 5 });
    const [, lower, middle, upper] = tulip('bbands 5 2');
    expectPrinted(bands.lower, lower);
    expectPrinted(bands.middle, middle);
    expectPrinted(bands.upper, upper);
    expectPrinted(rsi(values, { period: 5 }), tulip('rsi 5')[1]);
  });

  it('behavior: roc(5) is its fraction as percent, donchian(5) its max and min', () => {
    const [values = new Float64Array(), change] = tulip('roc 5');
    expectPrinted(
      roc(values, { period: 5 }).map((value) => value / 100),
      change,
    );
    const channel = donchian({ high: values, low: values }, { period: 5 });
    expectPrinted(channel.upper, tulip('max 5')[1]);
    expectPrinted(channel.lower, tulip('min 5')[1]);
  });
});
