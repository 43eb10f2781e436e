import type { InstrumentId, MacroView, MarketView, OpinionRequest } from '@perpdesk/core';
import type { Absence, AgentReading } from '../analyst/assessment.ts';
import { type Catalyst, readCatalysts } from '../features/catalysts.ts';
import { FeatureSet, type Features } from '../features/feature-set.ts';
import { type IndicatorReadings, readIndicators } from '../features/indicators.ts';
import { type ReleaseReading, readRelease, readSurprises, surpriseWindowMs } from '../features/macro-surprises.ts';
import { MadeOnce } from '../features/made-once.ts';
import { at, readSeries, type Series } from '../features/series.ts';
import { trendFeatures } from '../features/trend.ts';
import { volatilityFeatures } from '../features/volatility.ts';
import { meridianDefaults as defaults } from './settings.ts';

/** Where Meridian's features come from. */
export interface MeridianSources {
  readonly marketView: MarketView;
  readonly macroView: MacroView;
}

/** What Meridian reads beside numbers. */
export interface MeridianReading extends AgentReading {
  readonly catalysts: readonly Catalyst[];
  /** Newest first. */
  readonly releases: readonly ReleaseReading[];
}

const dayBars = 24;

/**
 * Reads surprises by theme (`<theme>.surprise`, `<theme>.releases`) and, as light context, the last hours of the barometer market
 * (`barometer.*`) and of the market itself (`market.dayMove`). `no-data` without any release or candle.
 */
export function readMeridian(
  { marketView, macroView }: MeridianSources,
  request: OpinionRequest,
  alertWindowMs: number,
): MeridianReading | Absence {
  const { market, instrumentId, atMs } = request;
  const features = new FeatureSet();
  for (const [theme, { surprise, releases }] of readSurprises(macroView, atMs)) {
    features.set(`${theme}.surprise`, surprise).set(`${theme}.releases`, releases);
  }
  const barometer = marketView.reference(defaults.barometer)?.id ?? instrumentId;
  features.merge('barometer', contextOf(marketView, barometer, atMs));
  if (barometer !== instrumentId && market !== defaults.barometer) {
    const own = contextOf(marketView, instrumentId, atMs);
    features.set('market.dayMove', own?.dayMove);
  }
  const values = features.values();
  if (Object.keys(values).length === 0) return { absent: 'no-data' };
  const catalysts = readCatalysts(macroView, alertWindowMs);
  return {
    features: values,
    keyLevels: [],
    levelTolerance: 0,
    catalysts,
    releases: macroView
      .released(surpriseWindowMs)
      .flatMap((release) => readRelease(release) ?? [])
      .slice(0, defaults.releases),
  };
}

/** The barometer's hours are looked at for every market, and in each debate. */
const contexts = new MadeOnce<Features | undefined>();

function contextOf(view: MarketView, instrumentId: InstrumentId, atMs: number): Features | undefined {
  const { timeframe, candles, leastCandles } = defaults;
  const series = readSeries(view, { instrumentId, timeframe, atMs, limit: candles, minimum: leastCandles });
  if (series === undefined) return undefined;
  const snapshot = view.indicators(instrumentId, timeframe);
  return contexts.of(view, instrumentId, [series, snapshot], () => contextIn(series, readIndicators(snapshot, series)));
}

/** `dayMove` (24 h, over ATR times √24: a random walk's is 0.6 on average), `trend` (EMA 20 less EMA 50, in ATR), `atrTrend`. */
function contextIn(series: Series, indicators: IndicatorReadings): Features | undefined {
  const atr = indicators.atr14;
  if (atr === undefined || !(atr > 0)) return undefined;
  const last = series.length - 1;
  const { emaSpread } = trendFeatures(series, indicators, atr);
  const { atrTrend } = volatilityFeatures(series, indicators, atr);
  return {
    dayMove: (at(series.close, last) - at(series.close, last - dayBars)) / (atr * Math.sqrt(dayBars)),
    ...(emaSpread === undefined ? {} : { trend: emaSpread }),
    ...(atrTrend === undefined ? {} : { atrTrend }),
  };
}
