import type { IndicatorSnapshot, MarketView, OpinionRequest, Timeframe } from '@perpdesk/core';
import type { Absence, AgentReading } from '../analyst/assessment.ts';
import { confluenceOf, type TimeframeBias } from '../features/confluence.ts';
import { FeatureSet, type Features } from '../features/feature-set.ts';
import { readIndicators } from '../features/indicators.ts';
import { findLevels, type LevelSource, nearestLevel } from '../features/levels.ts';
import { phaseFeatures, structureFeatures } from '../features/market-structure.ts';
import { share } from '../features/measures.ts';
import { momentumFeatures } from '../features/momentum.ts';
import { lastClose, readSeries, type Series } from '../features/series.ts';
import { findSwings } from '../features/swings.ts';
import { trendFeatures } from '../features/trend.ts';
import { volatilityFeatures } from '../features/volatility.ts';
import { priceVolumeDivergence, volumeFeatures } from '../features/volume.ts';
import { vantaDefaults as defaults } from './settings.ts';

/** Where Vanta's features come from. */
export interface VantaSources {
  readonly marketView: MarketView;
}

/** What one timeframe gives. */
interface TimeframeReading {
  readonly series: Series;
  readonly atr: number;
  readonly source: LevelSource;
  readonly bias: TimeframeBias;
}

/** What a series and its indicators come to. */
interface SeriesReading {
  readonly snapshot: IndicatorSnapshot | undefined;
  /** Undefined of a market that never moved: it has no structure to speak of. */
  readonly found:
    | {
        readonly atr: number;
        readonly swings: ReturnType<typeof findSwings>;
        readonly bias: number;
        readonly features: Features;
      }
    | undefined;
}

/** Of each series, for as long as it is read: an hour's is looked at again in each of its quarters, and in each debate. */
const seriesReadings = new WeakMap<Series, SeriesReading>();

/**
 * Reads candles and indicators of 15m, 1h and 4h into features named `<group>.<name>` for 15m and `<timeframe>.<group>.<name>` for the
 * others, and support and resistance of all three. `insufficient-history` below 40 bars of 15m or 21 of 1h since the last gap; 4h may be absent.
 */
export function readVanta({ marketView }: VantaSources, request: OpinionRequest): AgentReading | Absence {
  const features = new FeatureSet();
  const readings = defaults.timeframes.map(({ timeframe, trendWeight, touchWeight }) =>
    readTimeframe(marketView, request, features, { timeframe, trendWeight, touchWeight }),
  );
  const [quarter, hour] = readings;
  if (quarter === undefined || hour === undefined) return { absent: 'insufficient-history' };
  const present = readings.filter((reading) => reading !== undefined);
  const confluence = confluenceOf(present.map((reading) => reading.bias));
  features.set('confluence.bias', confluence?.bias).set('confluence.agreement', confluence?.agreement);

  const price = lastClose(quarter.series);
  const keyLevels = findLevels(
    present.map((reading) => reading.source),
    { tolerance: defaults.levelTolerance * quarter.atr, price, perSide: defaults.levelsPerSide },
  );
  for (const kind of ['support', 'resistance'] as const) {
    const level = nearestLevel(keyLevels, kind);
    if (level === undefined) continue;
    features
      .set(`${kind}.distance`, Math.abs(level.price - price) / quarter.atr)
      .set(`${kind}.strength`, level.strength);
  }
  return { features: features.values(), keyLevels, levelTolerance: defaults.levelShift * quarter.atr };
}

function readTimeframe(
  view: MarketView,
  { instrumentId, atMs }: OpinionRequest,
  features: FeatureSet,
  {
    timeframe,
    trendWeight,
    touchWeight,
  }: { readonly timeframe: Timeframe; readonly trendWeight: number; readonly touchWeight: number },
): TimeframeReading | undefined {
  const minimum = timeframe === defaults.timeframe ? defaults.leastCandles : defaults.leastContextCandles;
  const series = readSeries(view, { instrumentId, timeframe, atMs, limit: defaults.candles, minimum });
  if (series === undefined) return undefined;
  const snapshot = view.indicators(instrumentId, timeframe);
  let reading = seriesReadings.get(series);
  if (reading === undefined || reading.snapshot !== snapshot) {
    reading = { snapshot, found: findIn(view, series) };
    seriesReadings.set(series, reading);
  }
  if (reading.found === undefined) return undefined;
  const { atr, swings, bias } = reading.found;
  features.take(reading.found.features);
  return { series, atr, source: { series, swings, weight: touchWeight }, bias: { bias, weight: trendWeight } };
}

function findIn(view: MarketView, series: Series): SeriesReading['found'] {
  const { timeframe } = series;
  const features = new FeatureSet();
  const indicators = readIndicators(view, series);
  const atr = indicators.atr14;
  if (atr === undefined || !(atr > 0)) return undefined;
  const swings = findSwings(series);
  const trend = trendFeatures(series, indicators, atr);
  const bias = biasOf(trend);
  const prefix = timeframe === defaults.timeframe ? '' : `${timeframe}.`;
  features
    .set(`${prefix}close`, lastClose(series))
    .set(`${prefix}atr`, atr)
    .merge(`${prefix}trend`, trend)
    .set(`${prefix}trend.bias`, bias)
    .merge(`${prefix}structure`, structureFeatures(series, swings, atr))
    .merge(`${prefix}momentum`, momentumFeatures(series, swings, indicators, atr))
    .merge(`${prefix}volatility`, volatilityFeatures(series, indicators, atr));
  if (timeframe === defaults.timeframe) {
    const volume = volumeFeatures(series, atr);
    features.merge(`${prefix}volume`, volume).merge(`${prefix}phase`, phaseFeatures(series, atr));
    if (volume?.priceMove !== undefined && volume.trend !== undefined) {
      features.set(`${prefix}volume.divergence`, priceVolumeDivergence(volume.priceMove, volume.trend));
    }
  }
  return { atr, swings, bias, features: features.values() };
}

/** The mean of the trend terms that are there, each as a share of its full reading. */
function biasOf(trend: Features): number {
  const terms = (['emaSpread', 'emaDistance', 'slope'] as const).flatMap((name) => {
    const value = trend[name];
    return value === undefined ? [] : [share(value, defaults.trendFull[name])];
  });
  return terms.reduce((total, term) => total + term, 0) / Math.max(terms.length, 1);
}
