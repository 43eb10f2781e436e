import type { AgentTrigger, Timeframe } from '@perpdesk/core';
import * as z from 'zod';
import { type Assessment, evidenceFrom } from '../analyst/assessment.ts';
import type { AnalystMethod } from '../analyst/method.ts';
import { componentsOf, directionOf, scoreOf } from '../analyst/score.ts';
import { FeatureSet } from '../features/feature-set.ts';
import { clamp } from '../features/measures.ts';
import { commonAnswer, type ModelAnswer } from '../model/answer-schema.ts';
import { type HandoffWish, handoffInstructions, handoffWishSchema } from '../model/handoff-wish.ts';
import { commonInstructions } from '../model/prompt.ts';
import type { FeatureAgentOptions, FeatureAgentReading } from './feature-agent.ts';

/** The most features that rules name as evidence: as many as a model may. */
const mostEvidence = 16;
const longestReasoning = 2_000;

type MethodOptions<Component extends string> = FeatureAgentOptions<Component> & {
  readonly triggers: readonly AgentTrigger[];
  readonly refreshMs: number;
  readonly timeframe: Timeframe;
};

/** What the model of a builder's agent answers. */
export interface FeatureAnswer extends ModelAnswer {
  readonly asks?: HandoffWish | undefined;
}

/** The way of working of all agents, around what a builder's agent reads and judges. */
export function featureMethod<Component extends string>(
  options: MethodOptions<Component>,
): AnalystMethod<FeatureAgentReading, FeatureAnswer> {
  const { name, timeframe, triggers, refreshMs, components, prompt, handoffs = false } = options;
  return {
    name,
    timeframe,
    triggers,
    refreshMs,
    components: components.length,
    read: (request) => {
      const read = options.read(request);
      const features = new FeatureSet();
      for (const [feature, value] of Object.entries(read?.features ?? {})) features.set(feature, value);
      const values = features.values();
      if (read === undefined || Object.keys(values).length === 0) return { absent: 'no-data' };
      const { keyLevels = [], levelTolerance = 0, untrusted = [] } = read;
      return { features: values, keyLevels, levelTolerance, untrusted };
    },
    judge: (reading) => judge(options, reading),
    promptVersion: prompt?.version ?? 0,
    systemPrompt: [prompt?.text ?? '', commonInstructions, ...(handoffs ? [handoffInstructions] : [])].join('\n'),
    untrusted: (reading) => reading.untrusted,
    answerSchema: (judged) =>
      handoffs ? z.object({ ...commonAnswer(judged), asks: handoffWishSchema }) : z.object(commonAnswer(judged)),
    adopt: (_reading, { asks }, rules) => ({
      details: rules.details,
      ...(asks === undefined ? {} : { asks }),
      ...(rules.regime === undefined ? {} : { regime: rules.regime }),
    }),
  };
}

function judge<Component extends string>(
  { name, components, judge: rules }: MethodOptions<Component>,
  { features, keyLevels }: FeatureAgentReading,
): Assessment {
  const judged = rules(features);
  const shares = Object.fromEntries(
    components.flatMap((component) => {
      const value = judged.components[component];
      return value === undefined || !Number.isFinite(value) ? [] : [[component, clamp(value / 25, -1, 1)]];
    }),
  );
  const scored = componentsOf(shares);
  const score = scoreOf(scored, components.length) ?? { score: 0, completeness: 0 };
  return {
    components: scored,
    ...score,
    ...(judged.regime === undefined ? {} : { regime: judged.regime }),
    keyLevels,
    evidence: evidenceFrom(features, Object.keys(features)).slice(0, mostEvidence),
    reasoning: (judged.reasoning ?? wordsOf(name, scored, score.score)).slice(0, longestReasoning),
    details: judged.details ?? {},
  };
}

function wordsOf(name: string, components: Readonly<Record<string, number>>, score: number): string {
  const parts = Object.entries(components).map(([component, value]) => `${component} ${value}`);
  return `${name} reads ${directionOf(score)}: ${parts.join(', ')}.`;
}
