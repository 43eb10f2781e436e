import { type MarketView, type OpinionRequest, type Timeframe, timeframeMs } from '@perpdesk/core';
import type { Absence, AgentReading } from '../analyst/assessment.ts';
import { type DerivativesReading, type DerivativesSource, readDerivatives } from '../features/computed-derivatives.ts';
import { FeatureSet, type Features } from '../features/feature-set.ts';
import { MadeOnce } from '../features/made-once.ts';
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

/** What Luma reads of candles, where they are there. */
interface CandleReading {
  readonly prices: Series | undefined;
  readonly volumes: readonly (FeatureSet | undefined)[];
}

const readings = new MadeOnce<AgentReading | Absence>();

/**
 * Reads open interest, funding, volume and flow into features `oi.*`, `funding.*`, `<timeframe>.volume.*` and `flow.*`, and
 * where the view computes them more of these, `volume.*` and `basis.*`. `no-data` when all four lack theirs. The market's other
 * venues are those the view lists, in its order. Of the same series and the same answers of the view it is the same reading.
 */
export function readLuma(
  { marketView, derivativesView }: LumaSources,
  request: OpinionRequest,
): AgentReading | Absence {
  const { market, instrumentId, atMs } = request;
  const prices = seriesOf(marketView, request, defaults.priceTimeframe);
  const volumes = defaults.volumeTimeframes.map(({ timeframe }) =>
    timeframe === defaults.priceTimeframe ? prices : seriesOf(marketView, request, timeframe),
  );
  const venues = () => marketView.instruments().flatMap(({ id, market: of }) => (of === market ? [id] : []));
  const derivatives = readDerivatives(derivativesView, { market, instrumentId, venues, atMs });
  return readings.of(marketView, instrumentId, [derivatives, prices, ...volumes], () =>
    readingOf(derivatives, { prices, volumes: volumes.map((series) => series && volumeOf(marketView, series)) }),
  );
}

function readingOf(
  { interest, funding, flow, more }: DerivativesReading,
  { prices, volumes }: CandleReading,
): AgentReading | Absence {
  const features = new FeatureSet();
  if (interest !== undefined && prices !== undefined) {
    const priceChange = priceChangeOver(prices, timeframeMs(prices.timeframe), interest.spanMs);
    if (priceChange !== undefined) {
      features.set('oi.change', interest.percent).set('oi.priceChange', priceChange);
    }
  }
  features.merge('funding', funding);
  for (const volume of volumes) if (volume !== undefined) features.take(volume);
  addFlow(features, flow, prices);
  // What the model alone reads makes no component: it is no reason to speak.
  if (features.isEmpty) return { absent: 'no-data' };
  return { features: features.take(more).values(), keyLevels: [], levelTolerance: 0 };
}

const volumesOf = new MadeOnce<FeatureSet>();

const volumeOf = (view: MarketView, series: Series): FeatureSet =>
  volumesOf.of(view, `${series.instrumentId}|${series.timeframe}`, [series], () =>
    new FeatureSet().merge(`${series.timeframe}.volume`, volumeFeatures(series)),
  );

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
