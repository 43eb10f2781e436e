import { type Assessment, evidenceFrom } from '../analyst/assessment.ts';
import { componentsOf, directionOf, scoreOf } from '../analyst/score.ts';
import { sensitivityFactors } from '../analyst/sensitivity.ts';
import { plainText } from '../features/catalysts.ts';
import type { Features } from '../features/feature-set.ts';
import { clamp, share } from '../features/measures.ts';
import type { MeridianReading } from './features.ts';
import type { MeridianDetails } from './schema.ts';
import { meridianDefaults as defaults, type MeridianSettings } from './settings.ts';

/** The names of Meridian's components, the sub-scores of PRODUCT §2. */
export const meridianComponents = ['rateExpectations', 'growth', 'liquidity', 'riskAppetite'] as const;

const cited = [
  'rate-expectations.surprise',
  'growth.surprise',
  'liquidity.surprise',
  'risk-appetite.surprise',
  'barometer.dayMove',
  'barometer.trend',
  'barometer.atrTrend',
  'market.dayMove',
] as const;

/**
 * Meridian's rules. Four components of −25 to 25, each absent without its data. Rate expectations, growth and liquidity: the theme's
 * surprises of seven days, weighted by importance and fading with age. Risk appetite: what such releases say, and the barometer
 * market's day, trend and calm, and the market's own day.
 */
export function judgeMeridian(reading: MeridianReading, settings: MeridianSettings): Assessment {
  const { features } = reading;
  const factor = sensitivityFactors[settings.sensitivity];
  const components = componentsOf({
    rateExpectations: surpriseOf(features, 'rate-expectations', factor),
    growth: surpriseOf(features, 'growth', factor),
    liquidity: surpriseOf(features, 'liquidity', factor),
    riskAppetite: riskAppetiteOf(features, factor),
  });
  const score = scoreOf(components, meridianComponents.length) ?? { score: 0, completeness: 0 };
  const details = meridianDetails(reading, components, score.score, settings);
  return {
    components,
    ...score,
    keyLevels: [],
    evidence: evidenceFrom(features, cited),
    reasoning: wordsOf(reading, details, score.score),
    details,
  };
}

/** What follows from a score, whoever made it, and from the calendar. */
export function meridianDetails(
  { catalysts, releases }: MeridianReading,
  components: MeridianDetails['components'],
  score: number,
  { riskOn, riskOff }: MeridianSettings,
): MeridianDetails {
  return {
    components,
    macroRegime: score >= riskOn ? 'risk-on' : score <= riskOff ? 'risk-off' : 'neutral',
    catalysts: [...catalysts],
    releases: releases.map(({ release, outcome, impact }) => ({
      series: plainText(release.event.series),
      title: plainText(release.event.title),
      importance: release.event.importance,
      outcome,
      actual: release.actual,
      ...(release.event.consensus === undefined ? {} : { consensus: release.event.consensus }),
      impact,
      releasedAtMs: release.releasedAtMs,
    })),
  };
}

function surpriseOf(features: Features, theme: string, factor: number): number | undefined {
  const surprise = features[`${theme}.surprise`];
  return surprise === undefined ? undefined : share(surprise, defaults.surpriseFull * factor);
}

function riskAppetiteOf(features: Features, factor: number): number | undefined {
  const { dayMove, trend, calm, ownMove } = defaults.riskAppetite;
  const atrTrend = features['barometer.atrTrend'];
  const terms = [
    { value: features['barometer.dayMove'], ...dayMove },
    { value: features['barometer.trend'], ...trend },
    { value: atrTrend === undefined ? undefined : 1 - atrTrend, ...calm },
    { value: features['market.dayMove'], ...ownMove },
  ];
  let total = 0;
  let weighted = 0;
  for (const { value, full, weight } of terms) {
    if (value === undefined) continue;
    total += weight;
    weighted += weight * share(value, full * factor);
  }
  const released = surpriseOf(features, 'risk-appetite', factor);
  if (total === 0) return released;
  return clamp(weighted / total + (released ?? 0), -1, 1);
}

function wordsOf({ features, catalysts }: MeridianReading, { macroRegime }: MeridianDetails, score: number): string {
  const direction = directionOf(score);
  const lean = direction === 'neutral' ? 'gives no direction' : `favours ${direction}`;
  const day = features['barometer.dayMove'];
  const move = day === undefined ? '' : `, the barometer's day is ${day.toFixed(2)} of a usual range`;
  const next = catalysts[0];
  const ahead = next === undefined ? '' : ` A ${next.importance} event is ahead.`;
  return `The macro picture is ${macroRegime} and ${lean}${move}.${ahead}`;
}
