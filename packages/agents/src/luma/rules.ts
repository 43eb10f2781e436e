import { openInterestQuadrant } from '@perpdesk/core';
import { type AgentReading, type Assessment, evidenceFrom } from '../analyst/assessment.ts';
import { componentsOf, directionOf, scoreOf } from '../analyst/score.ts';
import { sensitivityFactors } from '../analyst/sensitivity.ts';
import type { Features } from '../features/feature-set.ts';
import { clamp, share } from '../features/measures.ts';
import type { LumaDetails, LumaLabel } from './schema.ts';
import { lumaDefaults as defaults, type LumaSettings, lumaLabels } from './settings.ts';

/** The names of Luma's components. */
export const lumaComponents = ['openInterest', 'funding', 'volume', 'flow'] as const;

const cited = [
  'oi.change',
  'oi.priceChange',
  'funding.rate',
  'funding.z',
  'funding.spread',
  '5m.volume.delta',
  '5m.volume.conviction',
  '5m.volume.anomaly',
  '1h.volume.delta',
  '1h.volume.conviction',
  'flow.build',
  'flow.priceChange',
  'flow.liquidations',
  'flow.liquidationShare',
] as const;

/**
 * Luma's rules. Four components of −25 to 25, each absent without its data:
 * openInterest: new positions carry the move that opened them (up/up long, up/down short), closing ones a quarter of it;
 * funding: leans against a crowd that pays unusually much, by its own past, by the level, and by what other venues pay;
 * volume: conviction and money flow of 5m and 1h, stronger on an unusually large bar;
 * flow: what builds or unwinds over the venues, in the direction of the price, and forced closing.
 */
export function judgeLuma(reading: AgentReading, settings: LumaSettings): Assessment {
  const { features } = reading;
  const factor = sensitivityFactors[settings.sensitivity];
  const components = componentsOf({
    openInterest: openInterestOf(features, factor),
    funding: fundingOf(features, factor),
    volume: volumeOf(features, factor),
    flow: flowOf(features, factor),
  });
  const score = scoreOf(components, lumaComponents.length) ?? { score: 0, completeness: 0 };
  const view = lumaView(features, components, score.score, settings);
  return {
    components,
    ...score,
    ...view,
    keyLevels: [],
    evidence: evidenceFrom(features, cited),
    reasoning: wordsOf(features, view.details, score.score),
  };
}

/** What follows from a score, whoever made it: its label, the filter, and what the features say by themselves. */
export function lumaView(
  features: Features,
  components: LumaDetails['components'],
  score: number,
  settings: LumaSettings,
): { readonly details: LumaDetails; readonly withheld: boolean } {
  const label = lumaLabelOf(score);
  const withheld = settings.filter === 'strong-only' && label !== 'strong';
  const interest = features['oi.change'];
  return {
    withheld,
    details: {
      components,
      label,
      ...(interest === undefined ? {} : { quadrant: openInterestQuadrant(interest, features['oi.priceChange'] ?? 0) }),
      concentrated: (features['5m.volume.concentration'] ?? 0) >= defaults.concentrated,
      filtered: withheld,
    },
  };
}

/** The label of a score. */
export function lumaLabelOf(score: number): LumaLabel {
  const size = Math.abs(score);
  if (size < lumaLabels.weak) return 'neutral';
  if (size < lumaLabels.moderate) return 'weak';
  return size < lumaLabels.strong ? 'moderate' : 'strong';
}

function openInterestOf(features: Features, factor: number): number | undefined {
  const change = features['oi.change'];
  if (change === undefined) return undefined;
  const priceChange = features['oi.priceChange'] ?? 0;
  const size = Math.abs(share(change, defaults.openInterestFull * factor));
  switch (openInterestQuadrant(change, priceChange)) {
    case 'new-longs':
      return size;
    case 'new-shorts':
      return -size;
    case 'short-covering':
      return size * defaults.closingShare;
    case 'capitulation':
      return -size * defaults.closingShare;
    case 'flat':
      return 0;
  }
}

function fundingOf(features: Features, factor: number): number | undefined {
  const rate = features['funding.rate'];
  if (rate === undefined) return undefined;
  const { outlierFrom, outlierFull, rateFrom, rateFull, spreadFull, spreadShare } = defaults.funding;
  const unusual = share(beyond(features['funding.z'] ?? 0, outlierFrom), outlierFull * factor);
  const high = share(beyond(rate, rateFrom), rateFull * factor);
  const spread = spreadShare * share(features['funding.spread'] ?? 0, spreadFull * factor);
  // A rate far below its usual one is no crowd of shorts while longs still pay: only the side that pays can be crowded.
  const crowded = Math.sign(unusual) === Math.sign(rate) ? unusual : 0;
  return -clamp(crowded + high + spread, -1, 1);
}

/** What lies beyond a threshold, either way. */
const beyond = (value: number, from: number): number => Math.sign(value) * Math.max(0, Math.abs(value) - from);

function volumeOf(features: Features, factor: number): number | undefined {
  const { volumeFull, anomalyBounds } = defaults;
  let total = 0;
  let weighted = 0;
  for (const { timeframe, weight } of defaults.volumeTimeframes) {
    const conviction = features[`${timeframe}.volume.conviction`];
    const delta = features[`${timeframe}.volume.delta`];
    if (conviction === undefined || delta === undefined) continue;
    total += weight;
    weighted +=
      weight *
      (0.5 * share(conviction, volumeFull.conviction * factor) + 0.5 * share(delta, volumeFull.delta * factor));
  }
  if (total === 0) return undefined;
  const anomaly = clamp(features['5m.volume.anomaly'] ?? 1, anomalyBounds.low, anomalyBounds.high);
  return clamp((weighted / total) * anomaly, -1, 1);
}

function flowOf(features: Features, factor: number): number | undefined {
  const build = features['flow.build'];
  const liquidations = features['flow.liquidations'];
  const intensity = share(features['flow.liquidationShare'] ?? 0, defaults.flow.liquidationFull * factor);
  const built = build === undefined ? undefined : build * Math.sign(features['flow.priceChange'] ?? 0);
  const forced = liquidations === undefined ? undefined : liquidations * intensity;
  if (built === undefined || forced === undefined) return built ?? forced;
  return defaults.flow.buildShare * built + (1 - defaults.flow.buildShare) * forced;
}

function wordsOf(features: Features, { label, quadrant }: LumaDetails, score: number): string {
  const lean = directionOf(score) === 'neutral' ? 'lean neither way' : `lean ${directionOf(score)} (${label})`;
  const rate = features['funding.rate'];
  const facts = [
    ...(quadrant === undefined ? [] : [`open interest and price say ${quadrant.replace('-', ' ')}`]),
    ...(rate === undefined ? [] : [`funding is ${rate.toFixed(2)} bp per 8 h`]),
    ...(features['5m.volume.delta'] === undefined
      ? []
      : [`5m money flow is ${features['5m.volume.delta'].toFixed(2)}`]),
  ];
  return `Derivatives ${lean}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}.`;
}
