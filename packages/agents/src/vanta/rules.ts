import { type AgentReading, type Assessment, evidenceFrom } from '../analyst/assessment.ts';
import { componentsOf, directionOf, scoreOf } from '../analyst/score.ts';
import type { Features } from '../features/feature-set.ts';
import { breakBars, phaseOf } from '../features/market-structure.ts';
import { clamp, share } from '../features/measures.ts';
import { type MarketState, marketStateOf } from './regime.ts';
import type { VantaDetails } from './schema.ts';
import { vantaDefaults as defaults } from './settings.ts';

/** The names of Vanta's components. */
export const vantaComponents = ['trend', 'structure', 'momentum', 'volume'] as const;

/** The features that rules name as evidence, the weightiest first. */
const cited = [
  'confluence.bias',
  'confluence.agreement',
  'structure.break',
  'structure.breakAge',
  'structure.highs',
  'structure.lows',
  'structure.rangePosition',
  'momentum.rsi',
  'momentum.macd',
  'momentum.divergence',
  'volume.conviction',
  'volume.delta',
  'volume.divergence',
  'volatility.bandWidthPercentile',
  'volatility.atrTrend',
  'atr',
  'close',
] as const;

/**
 * Vanta's rules. Four components of −25 to 25, each the mean of its terms as shares of a full reading:
 * trend: the bias over 15m, 1h and 4h (EMA spread, distance, slope), its size raised or lowered by their agreement;
 * structure: rising or falling swings (half) and the last break of 15m, fading over 12 bars (half);
 * momentum: RSI and MACD; in a ranging market an exhausted RSI counts against itself, a divergence takes or adds a third;
 * volume: conviction and money flow, less a move that volume does not join.
 */
export function judgeVanta(reading: AgentReading): Assessment {
  const { features, keyLevels } = reading;
  const state = marketStateOf(features);
  const components = componentsOf({
    trend: trendOf(features),
    structure: structureOf(features),
    momentum: momentumOf(features, state),
    volume: volumeOf(features),
  });
  const score = scoreOf(components, vantaComponents.length) ?? { score: 0, completeness: 0 };
  const details: VantaDetails = {
    components,
    ...labelsOf(features),
    structureState: state.structureState,
    ...readingsOf(features, components),
    outlook: outlookOf(score.score, components.momentum),
  };
  return {
    components,
    ...score,
    regime: state.regime,
    keyLevels,
    evidence: evidenceFrom(features, cited),
    reasoning: wordsOf(features, state, score.score),
    details,
  };
}

function trendOf(features: Features): number {
  const bias = features['confluence.bias'] ?? 0;
  const agreement = features['confluence.agreement'] ?? 0;
  return clamp(bias * (0.5 + agreement), -1, 1);
}

function structureOf(features: Features): number {
  const swings = [features['structure.highs'], features['structure.lows']].filter((value) => value !== undefined);
  const swing =
    swings.reduce((total, value) => total + share(value, defaults.swingFull), 0) / Math.max(swings.length, 1);
  return 0.5 * swing + 0.5 * freshBreak(features);
}

function freshBreak(features: Features): number {
  const age = features['structure.breakAge'] ?? breakBars;
  return (features['structure.break'] ?? 0) * Math.max(0, 1 - age / breakBars);
}

function momentumOf(features: Features, { regime }: MarketState): number | undefined {
  const rsi = features['momentum.rsi'];
  const macd = features['momentum.macd'];
  if (rsi === undefined || macd === undefined) return undefined;
  const { high, low } = defaults.exhaustion;
  const exhausted = regime !== 'trending' && (rsi >= high || rsi <= low);
  const strength = share(rsi - 50, defaults.momentumFull.rsi) * (exhausted ? -1 : 1);
  const divergence = (features['momentum.divergence'] ?? 0) / 3;
  return clamp(0.5 * strength + 0.5 * share(macd, defaults.momentumFull.macd) + divergence, -1, 1);
}

function volumeOf(features: Features): number | undefined {
  const conviction = features['volume.conviction'];
  const delta = features['volume.delta'];
  if (conviction === undefined || delta === undefined) return undefined;
  const { volumeFull } = defaults;
  const flow = 0.5 * share(conviction, volumeFull.conviction) + 0.5 * share(delta, volumeFull.delta);
  return clamp(flow + 0.5 * (features['volume.divergence'] ?? 0), -1, 1);
}

function labelsOf(features: Features): Pick<VantaDetails, 'phase' | 'structuralBreak'> {
  const recent = features['phase.recentMove'];
  const prior = features['phase.priorMove'];
  const direction = features['structure.break'];
  const age = features['structure.breakAge'];
  return {
    ...(recent !== undefined && prior !== undefined
      ? { phase: phaseOf(recent, prior, features['structure.rangePosition'] ?? 0.5) }
      : {}),
    ...(direction !== undefined && age !== undefined
      ? {
          structuralBreak: {
            kind: features['structure.breakIsChange'] === 1 ? 'change-of-character' : 'break-of-structure',
            direction: direction > 0 ? 'up' : 'down',
            barsAgo: age,
          },
        }
      : {}),
  };
}

function readingsOf(
  features: Features,
  components: Readonly<Record<string, number>>,
): Pick<VantaDetails, 'momentumAlignment' | 'volumeRead'> {
  const momentum = components.momentum ?? 0;
  const trend = components.trend ?? 0;
  const weak = Math.abs(momentum) < 5 || Math.abs(trend) < 5;
  const conviction = (features['volume.conviction'] ?? 0) * Math.sign(trend);
  const thin = (features['volume.trend'] ?? 1) < 0.6;
  return {
    momentumAlignment: weak ? 'mixed' : Math.sign(momentum) === Math.sign(trend) ? 'aligned' : 'opposed',
    volumeRead: thin ? 'thin' : conviction >= 0.15 ? 'confirming' : conviction <= -0.15 ? 'diverging' : 'neutral',
  };
}

function outlookOf(score: number, momentum: number | undefined): VantaDetails['outlook'] {
  const direction = directionOf(score);
  if (direction === 'long' && (momentum ?? 0) > 0) return 'higher';
  return direction === 'short' && (momentum ?? 0) < 0 ? 'lower' : 'unclear';
}

function wordsOf(features: Features, { regime, structureState }: MarketState, score: number): string {
  const direction = directionOf(score);
  const lean = direction === 'neutral' ? 'leans neither way' : `leans ${direction}`;
  const bias = (features['confluence.bias'] ?? 0).toFixed(2);
  const rsi = features['momentum.rsi'];
  const heat = rsi === undefined ? '' : `, RSI at ${rsi.toFixed(0)}`;
  return `The market is ${regime} (${structureState}) and structure ${lean}: trend bias ${bias} over the timeframes${heat}.`;
}
