import type { MarketId, SharedDeskState } from '@perpdesk/core';
import { type FactDraft, named } from './fact.ts';
import { capital, showAge, showMeasure, showPercent, showPrice, showTime } from './show.ts';

/** The price of a market's reference instrument, and how good it is. */
export function priceFact(shared: SharedDeskState, market: MarketId): FactDraft {
  const reading = shared.ticker(market);
  if (reading === undefined)
    return { agent: 'orchestrator', text: `There is no price of ${market} now.`, citations: [] };
  const { last, mark, bid, ask, instrumentId } = reading.value;
  const text = `${market} last traded at ${showPrice(last)} (mark ${showPrice(mark)}, bid ${showPrice(bid)}, ask ${showPrice(ask)}) as of ${showTime(reading.atMs)}.`;
  const caveat =
    reading.quality === 'stale'
      ? `The price of ${market} is stale: it is ${showAge(reading.ageMs)} old.`
      : reading.quality === 'gapped'
        ? `The price of ${market} comes from a feed that is known to lack something.`
        : undefined;
  return {
    agent: 'orchestrator',
    text,
    ...(caveat === undefined ? {} : { caveat }),
    citations: [{ kind: 'price', id: instrumentId, atMs: reading.atMs }],
  };
}

/** How well agents did so far. */
export function trackRecordFacts(
  shared: SharedDeskState,
  agents: readonly string[],
  nowMs: number,
): readonly FactDraft[] {
  return agents.map((agent): FactDraft => {
    const name = capital(named(agent));
    const record = shared.trackRecord(agent);
    if (record === undefined || record.scored === 0)
      return { agent, text: `${name} has no scored opinions yet.`, citations: [] };
    const against = record.skill > 0 ? 'better than' : record.skill < 0 ? 'worse than' : 'no better than';
    const text = `Of ${name}'s opinions ${record.scored} were scored: hit rate ${showPercent(record.hitRate)}, Brier skill ${showMeasure(record.skill)}, which is ${against} the base rate.`;
    return { agent, text, citations: [{ kind: 'track-record', id: `track-record:${named(agent)}`, atMs: nowMs }] };
  });
}
