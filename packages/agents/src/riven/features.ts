import { type Opinion, type Turn, toNumber } from '@perpdesk/core';
import type { PlannedLevels } from './plan-levels.ts';
import type { PlanRequest } from './plan-request.ts';

/** The features Riven reads off the opinions' evidence. */
export const rivenFeatures = {
  /** +1, 0, −1: a break of structure up, none, down. */
  structureBreak: 'structure.break',
  rsi: 'momentum.rsi',
  openInterestChange: 'oi.change',
} as const;

/** What the classification of a plan rests on. */
export interface PlanFeatures {
  readonly structureBreak: number;
  readonly rsi: number | undefined;
  readonly openInterestChange: number;
  readonly trending: boolean;
  readonly volatile: boolean;
  /** Luma's score, and the direction Meridian leans to. */
  readonly derivativesScore: number;
  readonly macro: Opinion['direction'] | undefined;
}

/** Reads the opinions that are present. Whose they are matters where PRODUCT says so: trend, derivatives and macro of a momentum trade. */
export function readPlanFeatures(opinions: readonly Opinion[]): PlanFeatures {
  const feature = (name: string): number | undefined =>
    opinions.flatMap((opinion) => opinion.evidence).find((item) => item.feature === name)?.value;
  const of = (agent: string): Opinion | undefined => opinions.find((opinion) => opinion.agent === agent);
  return {
    structureBreak: feature(rivenFeatures.structureBreak) ?? 0,
    rsi: feature(rivenFeatures.rsi),
    openInterestChange: feature(rivenFeatures.openInterestChange) ?? 0,
    trending: of('vanta')?.regime === 'trending',
    volatile: opinions.some((opinion) => opinion.regime === 'volatile'),
    derivativesScore: of('luma')?.score ?? 0,
    macro: of('meridian')?.direction,
  };
}

/** What a model is shown of a plan: numbers and closed words only, of nobody a sentence. */
export interface PlanData {
  readonly market: string;
  readonly direction: string;
  readonly archetype: string;
  readonly confidence: number;
  readonly disagreement: number;
  readonly entry: number;
  readonly stopLoss: number;
  readonly targets: readonly { readonly index: number; readonly price: number }[];
  readonly turns: readonly Pick<Turn, 'agent' | 'direction' | 'confidence' | 'evidence'>[];
  /** The devil's advocate's case, where one was made. */
  readonly against?: Pick<Turn, 'agent' | 'confidence' | 'evidence'>;
}

/** The data of a plan, and every number in it that prose about it may cite. */
export function readPlanData(
  { round, direction, consensus, turns, challenge }: PlanRequest,
  levels: PlannedLevels,
  archetype: string,
): { readonly data: PlanData; readonly known: readonly number[] } {
  const data: PlanData = {
    market: round.market,
    direction,
    archetype,
    confidence: round4(consensus.confidence),
    disagreement: round4(consensus.disagreement),
    entry: toNumber(levels.entry),
    stopLoss: toNumber(levels.stopLoss),
    targets: levels.takeProfits.map((target, index) => ({ index, price: toNumber(target.price) })),
    turns: turns.map((turn) => shown(turn)),
    ...(challenge === undefined ? {} : { against: shown(challenge) }),
  };
  const words = [...data.turns, ...(data.against === undefined ? [] : [data.against])];
  return {
    data,
    known: [
      data.confidence,
      data.disagreement,
      data.entry,
      data.stopLoss,
      ...data.targets.map((target) => target.price),
      ...words.flatMap(({ confidence, evidence }) => [confidence, ...evidence.map((item) => item.value)]),
    ],
  };
}

const shown = ({ agent, direction, confidence, evidence }: Turn): PlanData['turns'][number] => ({
  agent,
  direction,
  confidence: round4(confidence),
  evidence,
});

const round4 = (value: number): number => Math.round(value * 10_000) / 10_000;
