import { blockMeanInterval } from '@perpdesk/agents';
import type { MarketMove, OpinionScore } from '@perpdesk/core';
import {
  asItSpoke,
  baseRateForecaster,
  errorOf,
  type Forecaster,
  lastMoveForecaster,
  neutralForecaster,
  recalibrated,
} from './naive-forecasts.ts';

/** How one forecaster did. */
export interface Performance {
  /** The share of what it named that came. */
  readonly hitRate: number;
  readonly brier: number;
}

/** How one agent did at one horizon on the part of a recording that nothing was learned from. */
export interface SkillRow {
  readonly agent: string;
  readonly timeframe: string;
  readonly bars: number;
  /** Left out of the row over all of them. */
  readonly regime?: string;
  readonly views: number;
  readonly days: number;
  /** The share of views that named a direction, and of those that moved at all the share that moved that way. */
  readonly directional: number;
  readonly rightWay: number | undefined;
  readonly agentItself: Performance;
  readonly alwaysNeutral: Performance;
  readonly lastMove: Performance;
  readonly baseRate: Performance;
  /** 1 − Brier score over that of the base rates. */
  readonly skill: number;
  /** The same of the agent taken for what its words meant in the first part. */
  readonly recalibratedSkill: number;
  /** Where that lies, 95 % over whole days; left out below twenty days, of which it would be too narrow. */
  readonly recalibratedInterval?: readonly [low: number, high: number];
}

/** Options of {@link reportSkill}. */
export interface SkillReportOptions {
  /** What the market did over the same horizon before a view. Undefined where that is not known: the view is left out. */
  readonly moveBefore: (score: OpinionScore) => MarketMove | undefined;
  readonly seed: string;
}

const leastViews = 50;
const leastDays = 20;

/**
 * Judges agents on the second half of a recording's time by what was learned on the first: base rates, how sure the naive
 * forecasts may be, and what an agent's confidences mean. Nothing of the second half is looked at to choose anything; views whose horizon
 * reaches over the middle are left out. All forecasters are judged on the very same views.
 */
export function reportSkill(scores: readonly OpinionScore[], options: SkillReportOptions): readonly SkillRow[] {
  const known = scores.flatMap((score) => {
    const before = options.moveBefore(score);
    return before === undefined ? [] : [{ score, before }];
  });
  const moves = new Map(known.map(({ score, before }) => [score.id, before]));
  const before = ({ id }: OpinionScore): MarketMove => moves.get(id) ?? 'flat';
  const times = known.map(({ score }) => score.atMs);
  const middleMs = (times.reduce((a, b) => Math.min(a, b), Infinity) + times.reduce((a, b) => Math.max(a, b), 0)) / 2;
  const groups = Map.groupBy(
    known.map(({ score }) => score),
    ({ agent, timeframe, bars }) => `${agent}|${timeframe}|${bars}`,
  );
  return [...groups.values()].flatMap((group) => {
    const learned = group.filter(({ dueAtMs }) => dueAtMs <= middleMs);
    const judged = group.filter(({ atMs }) => atMs > middleMs);
    if (learned.length < leastViews) return [];
    const panel: Panel = {
      alwaysNeutral: neutralForecaster(learned),
      lastMove: lastMoveForecaster(learned, before),
      baseRate: baseRateForecaster(learned),
      recalibrated: recalibrated(learned),
    };
    const byRegime = [...Map.groupBy(judged, ({ regime = 'unknown' }) => regime)].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...rowOf(judged, panel, options.seed),
      ...byRegime.flatMap(([regime, some]) => rowOf(some, panel, options.seed, regime)),
    ];
  });
}

interface Panel {
  readonly alwaysNeutral: Forecaster;
  readonly lastMove: Forecaster;
  readonly baseRate: Forecaster;
  readonly recalibrated: Forecaster;
}

function rowOf(judged: readonly OpinionScore[], panel: Panel, seed: string, regime?: string): readonly SkillRow[] {
  const [first] = judged;
  if (first === undefined || judged.length < leastViews) return [];
  const agentItself = performanceOf(judged, asItSpoke);
  const baseRate = performanceOf(judged, panel.baseRate);
  const found = blockMeanInterval(
    judged.map((score) => ({
      atMs: score.atMs,
      value: errorOf(panel.baseRate(score), score) - errorOf(panel.recalibrated(score), score),
    })),
    { seed },
  );
  if (found === undefined) return [];
  const directional = judged.filter(({ direction }) => direction !== 'neutral');
  const moved = directional.filter(({ move }) => move !== 'flat');
  const shareOfBase = (value: number): number => value / baseRate.brier;
  return [
    {
      agent: first.agent,
      timeframe: first.timeframe,
      bars: first.bars,
      ...(regime === undefined ? {} : { regime }),
      views: judged.length,
      days: found.blocks,
      directional: directional.length / judged.length,
      rightWay: moved.length === 0 ? undefined : moved.filter(({ hit }) => hit).length / moved.length,
      agentItself,
      alwaysNeutral: performanceOf(judged, panel.alwaysNeutral),
      lastMove: performanceOf(judged, panel.lastMove),
      baseRate,
      skill: 1 - agentItself.brier / baseRate.brier,
      recalibratedSkill: shareOfBase(found.mean),
      ...(found.blocks < leastDays
        ? {}
        : { recalibratedInterval: [shareOfBase(found.interval[0]), shareOfBase(found.interval[1])] }),
    },
  ];
}

function performanceOf(scores: readonly OpinionScore[], forecaster: Forecaster): Performance {
  let [hits, error] = [0, 0];
  for (const score of scores) {
    const said = forecaster(score);
    if (said.names === score.move) hits += 1;
    error += errorOf(said, score);
  }
  return { hitRate: hits / scores.length, brier: error / scores.length };
}
