import type { ConcludedRound, HandoffKind, MarketId, Recommendation, SharedDeskState, Turn } from '@perpdesk/core';
import { type FactDraft, named, quoted } from './fact.ts';
import { capital, listed, showExact, showPercent, showTime } from './show.ts';

const handoffWords: Readonly<Record<HandoffKind, string>> = {
  disagreement: 'because they disagree',
  'missing-evidence': 'because it had named no evidence',
  extreme: 'because its view is extreme',
};

/** Why the last round of a market ended as it did: its outcome, its votes, who asked whom, and the recommendation. */
export function roundFacts(shared: SharedDeskState, market: MarketId, nowMs: number): readonly FactDraft[] {
  const [last] = shared.rounds(market, 1);
  if (last === undefined)
    return [{ agent: 'riven', text: `No round on ${market} has been concluded yet.`, citations: [] }];
  const { recommendation, turns = [] } = last;
  return [
    outcomeFact(last),
    ...voteFacts(last),
    ...turns.flatMap((turn) => handoffFact(turn, last)),
    ...(recommendation === undefined ? [] : [recommendationFact(recommendation, nowMs)]),
  ];
}

const cited = ({ round }: ConcludedRound) => [{ kind: 'round', id: round.key, atMs: round.closeAtMs } as const];

function outcomeFact(last: ConcludedRound): FactDraft {
  const { round, outcome, reason, consensus } = last;
  const at = `The ${round.timeframe} round on ${round.market} of ${showTime(round.closeAtMs)}`;
  const why = reason === undefined ? '' : `: ${reason.replaceAll('-', ' ')}`;
  const result =
    consensus === undefined
      ? ''
      : ` The consensus came to ${consensus.direction} with confidence ${showPercent(consensus.confidence)}, at a disagreement of ${showPercent(consensus.disagreement)}.`;
  const ended = outcome === 'published' ? 'led to a recommendation' : `stood aside${why}`;
  return { agent: 'riven', text: `${at} ${ended}.${result}`, citations: cited(last) };
}

function voteFacts(last: ConcludedRound): readonly FactDraft[] {
  const { consensus } = last;
  if (consensus === undefined) return [];
  const votes = consensus.votes.map(
    ({ agent, direction, confidence }) => `${capital(named(agent))} ${direction} at ${showPercent(confidence)}`,
  );
  const parts = [
    ...(votes.length === 0 ? ['Nobody voted.'] : [`The votes: ${listed(votes)}.`]),
    ...(consensus.missing.length === 0
      ? []
      : [`Missing: ${listed(consensus.missing.map((agent) => capital(named(agent))))}.`]),
    ...(consensus.stale.length === 0
      ? []
      : [`Stale: ${listed(consensus.stale.map((agent) => capital(named(agent))))}.`]),
    ...(consensus.challenge === undefined
      ? []
      : [
          `${capital(named(consensus.challenge.agent))} argued against it as devil's advocate, with a case of strength ${showPercent(consensus.challenge.strength)}.`,
        ]),
  ];
  return [{ agent: 'riven', text: parts.join(' '), citations: cited(last) }];
}

function handoffFact({ agent, handoff }: Turn, last: ConcludedRound): readonly FactDraft[] {
  if (handoff === undefined) return [];
  const text = `${capital(named(agent))} asked ${capital(named(handoff.to))} to speak again, ${handoffWords[handoff.kind]}.`;
  return [{ agent, text, citations: cited(last) }];
}

function recommendationFact(recommendation: Recommendation, nowMs: number): FactDraft {
  const { direction, market, entry, stopLoss, takeProfits, confidence, archetype, createdAtMs, expiresAtMs } =
    recommendation;
  const targets = takeProfits.map(({ price, fraction }) => `${showExact(price)} (${showPercent(fraction)})`);
  const text = `Riven recommended ${direction} ${market} as a ${archetype}: entry ${showExact(entry)}, stop ${showExact(stopLoss)}, targets ${listed(targets)}, confidence ${showPercent(confidence)}; good until ${showTime(expiresAtMs)}.`;
  return {
    agent: 'riven',
    text,
    ...(expiresAtMs <= nowMs ? { caveat: 'That recommendation has expired.' } : {}),
    ...(recommendation.reasoning.trim() === '' ? {} : { quote: quoted(recommendation.reasoning) }),
    citations: [{ kind: 'recommendation', id: recommendation.id, atMs: createdAtMs }],
  };
}
