import type { PredictionAssessment, SharedDeskState } from '@perpdesk/core';
import { type FactDraft, quoted } from './fact.ts';
import type { PlopVerdict } from './plop-desk.ts';
import { showAge, showPercent, showTime } from './show.ts';

const mostRanked = 3;
/** An assessment that is older says so. */
const staleAfterMs = 15 * 60_000;

/** What Plop made of the contract that was asked about. */
export function verdictFact(verdict: PlopVerdict, nowMs: number): FactDraft {
  if (verdict.outcome === 'assessed') return assessmentFact(verdict.assessment, nowMs);
  return {
    agent: 'plop',
    text: 'Plop could not assess that contract.',
    quote: quoted(verdict.refusal.message),
    citations: [],
  };
}

/** A contract's assessment in words; `question` is foreign text. */
export function assessmentFact(assessment: PredictionAssessment, nowMs: number, question?: string): FactDraft {
  const { probability, mid, edge, noEdge, side, confidence, venue, atMs, closesAtMs } = assessment;
  const verdict = noEdge
    ? 'That is no edge.'
    : `That is an edge of ${showPercent(Math.abs(edge)).replace(' %', ' points')} for ${side.toUpperCase()}.`;
  const text = `Plop puts YES at ${showPercent(probability)}, the market of ${venue} at ${showPercent(mid)}. ${verdict} Confidence ${showPercent(confidence)}, by ${assessment.source === 'model' ? 'its model' : 'its rules'}, as of ${showTime(atMs)}; it closes ${showTime(closesAtMs)}.`;
  return {
    agent: 'plop',
    text,
    ...(nowMs - atMs > staleAfterMs ? { caveat: `That assessment is ${showAge(nowMs - atMs)} old.` } : {}),
    ...(question === undefined ? {} : { quote: quoted(question, 200) }),
    citations: [{ kind: 'assessment', id: assessment.id, atMs }],
  };
}

/** The contracts that stand out most. */
export function discoveryFacts(shared: SharedDeskState, nowMs: number): readonly FactDraft[] {
  const ranked = shared.discoveries(mostRanked);
  if (ranked.length === 0)
    return [
      {
        agent: 'plop',
        text: 'Plop has found no contract with an edge. Give a link, slug, ticker or id to have one assessed.',
        citations: [],
      },
    ];
  return ranked.map(({ assessment, question, rank }) => {
    const fact = assessmentFact(assessment, nowMs, question);
    return { ...fact, text: `Rank ${rank}: ${fact.text}` };
  });
}
