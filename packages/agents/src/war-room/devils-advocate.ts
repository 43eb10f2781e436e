import type { Evidence, Opinion, TradeDirection, Turn } from '@perpdesk/core';
import type { Debater } from './debate.ts';
import type { Spoken } from './speak.ts';

/** Of the case against a strong consensus. Set once, from reasons; decision 0021. */
export const advocateDefaults = {
  /**
   * The share of the panel's computed evidence from which a case is as strong as can be. A consensus of 0.75 needs scores of about 60 of 100;
   * of what nets 60 no more than 20 can speak against.
   */
  fullShare: 0.2,
  /** How many findings a case names. */
  findings: 4,
} as const;

/** What speaks against a side. */
export interface Case {
  /** In [0, 1]. */
  readonly strength: number;
  /** The parts of scores that speak against, the weightiest first, as `<agent>.<component>`: −25 to 25, of agents without parts `<agent>.score`. */
  readonly evidence: readonly Evidence[];
}

/** An opinion and what it weighs, its calibration included. */
export interface Weighed {
  readonly opinion: Opinion;
  readonly weight: number;
}

/**
 * The strongest case against a side, from what all who are present computed: of each agent the share of its components' bounds that speaks
 * against, weighed as in the consensus, against {@link advocateDefaults.fullShare}.
 */
export function caseAgainst(direction: TradeDirection, weighed: readonly Weighed[]): Case {
  const sign = direction === 'long' ? 1 : -1;
  let share = 0;
  let total = 0;
  const found: { readonly evidence: Evidence; readonly weighs: number }[] = [];
  for (const { opinion, weight } of weighed) {
    const parts = partsOf(opinion);
    total += weight;
    for (const { feature, value, bound } of parts) {
      const against = Math.max(0, -sign * value) / bound / parts.length;
      if (against === 0) continue;
      share += weight * against;
      found.push({ evidence: { feature, value }, weighs: weight * against });
    }
  }
  const evidence = found
    .sort((a, b) => b.weighs - a.weighs)
    .slice(0, advocateDefaults.findings)
    .map((finding) => finding.evidence);
  return { strength: total > 0 ? Math.min(1, share / total / advocateDefaults.fullShare) : 0, evidence };
}

/** Who speaks against: the one present whose own score leans least to the side, the earliest of equals. */
export function chooseAdvocate(direction: TradeDirection, debaters: readonly Debater[]): Debater | undefined {
  const sign = direction === 'long' ? 1 : -1;
  let least: Debater | undefined;
  for (const debater of debaters)
    if (least === undefined || sign * debater.opinion.score < sign * least.opinion.score) least = debater;
  return least;
}

/**
 * The advocate's turn: the case that was computed, and what the agent itself makes of it. An agent that, asked against the side, leaves it,
 * turns neutral or grows less sure than in its last word shows a doubt, which counts where it is stronger than the case.
 */
export function advocateTurn(
  direction: TradeDirection,
  computed: Case,
  { turn: asked, failure }: Spoken,
  lastWord: Turn | undefined,
): Turn {
  const support = (turn: Turn | undefined): number =>
    turn === undefined || turn.direction === 'neutral' ? 0 : (turn.direction === direction ? 1 : -1) * turn.confidence;
  // Rules that stand in for a model see the market otherwise: that is no doubt of the model's.
  const spoke = failure === undefined && asked.source === lastWord?.source;
  const doubt = spoke ? Math.min(1, Math.max(0, support(lastWord) - support(asked))) : 0;
  const strength = Math.max(computed.strength, doubt);
  const words = [
    computed.evidence.length === 0
      ? `Nothing computed speaks against ${direction}.`
      : `The strongest case against ${direction}: ${computed.evidence.map(({ feature, value }) => `${feature} at ${round(value)}`).join(', ')}.`,
    ...(doubt > 0 ? [`Asked against it, ${asked.agent} holds it with ${Math.round(doubt * 100)} % less.`] : []),
    ...(failure === undefined && asked.source === 'model' ? [asked.reasoning] : []),
  ];
  return {
    index: asked.index,
    agent: asked.agent,
    direction: strength === 0 ? 'neutral' : direction === 'long' ? 'short' : 'long',
    confidence: strength,
    keyLevels: [],
    reasoning: words.join(' ').slice(0, 2000),
    evidence: [...computed.evidence],
    source: failure === undefined ? asked.source : 'rules',
    role: 'devils-advocate',
  };
}

interface Part {
  readonly feature: string;
  readonly value: number;
  readonly bound: number;
}

/** The components an opinion's score is made of, or the score where it shows none. */
function partsOf({ agent, score, details }: Opinion): readonly Part[] {
  const { components } = details;
  const named =
    typeof components === 'object' && components !== null && !Array.isArray(components)
      ? Object.entries(components)
      : [];
  const parts = named.flatMap(([name, value]): Part[] =>
    typeof value === 'number'
      ? [{ feature: `${agent}.${name}`, value: Math.max(-25, Math.min(25, value)), bound: 25 }]
      : [],
  );
  return parts.length > 0 ? parts : [{ feature: `${agent}.score`, value: score, bound: 100 }];
}

const round = (value: number): number => Math.round(value * 10) / 10;
