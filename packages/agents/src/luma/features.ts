import { type MarketView, type OpinionRequest, type Timeframe, timeframeMs } from '@perpdesk/core';
import type { Absence, AgentReading } from '../analyst/assessment.ts';
import { type DerivativesSource, readDerivatives } from '../features/computed-derivatives.ts';
import { FeatureSet, type Features } from '../features/feature-set.ts';
import { meanOf } from '../features/measures.ts';
import { priceChangeOver } from '../features/open-interest.ts';
import { lastClose, readSeries, type Series } from '../features/series.ts';
import { volumeFeatures } from '../features/volume.ts';
import { lumaDefaults as defaults } from './settings.ts';

/** Where Luma's features come from. */
export interface LumaSources {
  readonly marketView: MarketView;
  readonly derivativesView: DerivativesSource;
}

const hourMs = 3_600_000;

/**
 * Reads open interest, funding, volume and flow into features `oi.*`, `funding.*`, `<timeframe>.volume.*` and `flow.*`, and
 * where the view computes them more of these, `volume.*` and `basis.*`. `no-data` when all four lack theirs. The market's other
 * venues are those the view lists, in its order.
 */
export function readLuma(
  { marketView, derivativesView }: LumaSources,
  request: OpinionRequest,
): AgentReading | Absence {
  const { market, instrumentId, atMs } = request;
  const features = new FeatureSet();
  const venues = marketView.instruments().flatMap(({ id, market: of }) => (of === market ? [id] : []));
  const prices = seriesOf(marketView, request, defaults.priceTimeframe);

  const { interest, funding, flow, more } = readDerivatives(derivativesView, { market, instrumentId, venues, atMs });
  if (interest !== undefined && prices !== undefined) {
    const priceChange = priceChangeOver(prices, timeframeMs(prices.timeframe), interest.spanMs);
    if (priceChange !== undefined) {
      features.set('oi.change', interest.percent).set('oi.priceChange', priceChange);
    }
  }
  features.merge('funding', funding);
  for (const { timeframe } of defaults.volumeTimeframes) {
    const series = timeframe === defaults.priceTimeframe ? prices : seriesOf(marketView, request, timeframe);
    if (series !== undefined) features.take(volumeOf(series));
  }
  addFlow(features, flow, prices);
  const values = features.values();
  // What the model alone reads makes no component: it is no reason to speak.
  if (Object.keys(values).length === 0) return { absent: 'no-data' };
  return { features: { ...values, ...more }, keyLevels: [], levelTolerance: 0 };
}

/** Of each series, for as long as it is read. */
const volumes = new WeakMap<Series, Features>();

function volumeOf(series: Series): Features {
  const known = volumes.get(series);
  if (known !== undefined) return known;
  const features = new FeatureSet().merge(`${series.timeframe}.volume`, volumeFeatures(series)).values();
  volumes.set(series, features);
  return features;
}

function seriesOf(view: MarketView, { instrumentId, atMs }: OpinionRequest, timeframe: Timeframe): Series | undefined {
  return readSeries(view, { instrumentId, timeframe, atMs, limit: defaults.candles, minimum: defaults.candles - 1 });
}

/** Flow is read against the hour's price change and turnover: without candles neither says anything. */
function addFlow(features: FeatureSet, flow: Features | undefined, prices: Series | undefined): void {
  if (prices === undefined) return;
  const priceChange = priceChangeOver(prices, timeframeMs(prices.timeframe), hourMs);
  if (flow === undefined || priceChange === undefined) return;
  const bars = hourMs / timeframeMs(prices.timeframe);
  const turnover = meanOf(prices.volume) * bars * lastClose(prices);
  features.merge('flow', flow).set('flow.priceChange', priceChange);
  const liquidated = flow.liquidatedUsd;
  if (liquidated !== undefined && turnover > 0) features.set('flow.liquidationShare', liquidated / turnover);
}
