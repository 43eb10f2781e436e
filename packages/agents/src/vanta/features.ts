import type { MarketView, OpinionRequest } from '@perpdesk/core';
import type { Absence, AgentReading } from '../analyst/assessment.ts';
import { confluenceOf, type TimeframeBias } from '../features/confluence.ts';
import { FeatureSet, type Features } from '../features/feature-set.ts';
import { type IndicatorReadings, readIndicators } from '../features/indicators.ts';
import { findLevels, type LevelSource, nearestLevel } from '../features/levels.ts';
import { MadeOnce } from '../features/made-once.ts';
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
  readonly features: FeatureSet;
}

type TimeframeSetting = (typeof defaults.timeframes)[number];

/** An hour's is looked at again in each of its quarters, and all in each debate. Undefined of a market that never moved. */
const timeframeReadings = new MadeOnce<TimeframeReading | undefined>();
const readings = new MadeOnce<AgentReading>();

/**
 * Reads candles and indicators of 15m, 1h and 4h into features named `<group>.<name>` for 15m and `<timeframe>.<group>.<name>` for the
 * others, and support and resistance of all three. `insufficient-history` below 40 bars of 15m or 21 of 1h since the last gap; 4h may be
 * absent. Of the same series and indicators it is the same reading.
 */
export function readVanta({ marketView }: VantaSources, request: OpinionRequest): AgentReading | Absence {
  const read = defaults.timeframes.map((setting) => readTimeframe(marketView, request, setting));
  const [quarter, hour] = read;
  if (quarter === undefined || hour === undefined) return { absent: 'insufficient-history' };
  return readings.of(marketView, request.instrumentId, read, () =>
    readingOf(
      quarter,
      read.filter((reading) => reading !== undefined),
    ),
  );
}

function readingOf(quarter: TimeframeReading, present: readonly TimeframeReading[]): AgentReading {
  const features = new FeatureSet();
  for (const reading of present) features.take(reading.features);
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
  setting: TimeframeSetting,
): TimeframeReading | undefined {
  const { timeframe } = setting;
  const minimum = timeframe === defaults.timeframe ? defaults.leastCandles : defaults.leastContextCandles;
  const series = readSeries(view, { instrumentId, timeframe, atMs, limit: defaults.candles, minimum });
  if (series === undefined) return undefined;
  const snapshot = view.indicators(instrumentId, timeframe);
  return timeframeReadings.of(view, `${instrumentId}|${timeframe}`, [series, snapshot], () =>
    findIn(series, readIndicators(snapshot, series), setting),
  );
}

function findIn(
  series: Series,
  indicators: IndicatorReadings,
  { timeframe, trendWeight, touchWeight }: TimeframeSetting,
): TimeframeReading | undefined {
  const features = new FeatureSet();
  const atr = indicators.atr14;
  // A market that never moved has no structure to speak of.
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
  return {
    ...{ series, atr, features },
    source: { series, swings, weight: touchWeight },
    bias: { bias, weight: trendWeight },
  };
}

/** The mean of the trend terms that are there, each as a share of its full reading. */
function biasOf(trend: Features): number {
  const terms = (['emaSpread', 'emaDistance', 'slope'] as const).flatMap((name) => {
    const value = trend[name];
    return value === undefined ? [] : [share(value, defaults.trendFull[name])];
  });
  return terms.reduce((total, term) => total + term, 0) / Math.max(terms.length, 1);
}
