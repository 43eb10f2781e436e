import type { MarketId, Opinion, SharedDeskState } from '@perpdesk/core';
import { freshness } from '../../consensus/freshness.ts';
import { type FactDraft, named, quoted } from './fact.ts';
import { capital, showAge, showMeasure, showPercent, showTime } from './show.ts';

const mostEvidence = 4;

/** What agents think of a market: those that are asked, else all that have spoken. Who was asked and has not spoken is told. */
export function opinionFacts(
  shared: SharedDeskState,
  market: MarketId,
  agents: readonly string[],
  nowMs: number,
): readonly FactDraft[] {
  const opinions = shared.opinions(market);
  const asked = agents.length === 0 ? opinions : opinions.filter(({ agent }) => agents.includes(agent));
  const silent = agents.filter((agent) => isSensing(agent) && !opinions.some((opinion) => opinion.agent === agent));
  return [
    ...asked.map((opinion) => opinionFact(opinion, nowMs)),
    ...silent.map((agent) => ({
      agent,
      text: `${capital(named(agent))} has no opinion on ${market} yet.`,
      citations: [],
    })),
  ];
}

const isSensing = (agent: string): boolean => !['riven', 'brix', 'koda', 'plop', 'orchestrator'].includes(agent);

function opinionFact(opinion: Opinion, nowMs: number): FactDraft {
  const { agent, market, direction, confidence, score, source, regime, evidence, atMs, timeframe } = opinion;
  const name = capital(named(agent));
  const rests = evidence.slice(0, mostEvidence).map(({ feature, value }) => `${named(feature)} ${showMeasure(value)}`);
  const parts = [
    `${name} is ${direction} on ${market} (${timeframe}) with confidence ${showPercent(confidence)} and a score of ${showMeasure(score)} out of 100, by ${source === 'model' ? 'its model' : 'its rules'}, as of ${showTime(atMs)}.`,
    ...(regime === undefined ? [] : [`Regime: ${regime}.`]),
    ...(rests.length === 0 ? [] : [`It rests on ${rests.join(', ')}.`]),
  ];
  const state = freshness(opinion, nowMs);
  return {
    agent,
    text: parts.join(' '),
    ...(state === 'fresh'
      ? {}
      : {
          caveat: `${name}'s view is ${state === 'stale' ? 'stale' : 'too old to count'}: it is ${showAge(nowMs - atMs)} old.`,
        }),
    ...(opinion.reasoning.trim() === '' ? {} : { quote: quoted(opinion.reasoning) }),
    citations: [{ kind: 'opinion', id: opinion.id, atMs }],
  };
}
