import type { Spell } from './cover-audit.ts';
import type { Downtime, ReducingOrder } from './desk-simulation.ts';
import type { FaultScript, SpanName } from './fault-script.ts';
import { coveredMs } from './request-storm.ts';
import type { RunLog } from './run-log.ts';
import type { JudgedSpell } from './simulate-desk.ts';

/** Faults in which the desk can not know of a fill, or can not reach the venue with an order whatever it does. */
const excuses: readonly SpanName[] = [
  'request storm',
  'venue halted',
  'positions fail',
  'positions empty',
  'socket cut',
];
/** Those of them that are known of to the moment: what the venue refuses is counted, not the whole of the fault. */
const refusing: readonly SpanName[] = ['request storm', 'venue halted'];
/** How long a spell may last by any measure: the limit at which it is closed, an answer that does not come, and the close. */
const longestMs = 25_000;
/** The same where the desk was kept from it: until the next sweep after the fault. */
const afterFaultMs = 75_000;

/**
 * Says of each spell how long it lasted while a desk ran, for how much of that the venue took nothing, and what kept the desk;
 * names those that lasted too long.
 */
export function judgeSpells(
  spells: readonly Spell[],
  world: {
    readonly faults: FaultScript;
    readonly downtimes: readonly Downtime[];
    readonly reducing: readonly ReducingOrder[];
    readonly log: RunLog;
  },
): readonly JudgedSpell[] {
  const { downtimes, faults, log, reducing } = world;
  return spells.flatMap((spell) => {
    const starts = downtimes.filter(({ fromMs, toMs }) => fromMs < spell.toMs && toMs > spell.fromMs);
    const begunMs = Math.max(spell.fromMs, ...starts.map(({ toMs }) => Math.min(toMs, spell.toMs)));
    const lengthMs = spell.toMs - begunMs;
    // It ended while no desk ran.
    if (lengthMs === 0) return [];
    const spans = faults.spans.filter(
      ({ fromMs, name, toMs }) => excuses.includes(name) && fromMs < spell.toMs && toMs > begunMs,
    );
    const dropped = faults.droppedBetween(begunMs - 1_000, spell.toMs);
    const names = [...new Set(spans.map(({ name }) => name as string)), ...(dropped ? ['update dropped'] : [])];
    const refusedMs = faults.closedMs(begunMs, spell.toMs);
    const hidden = spans.filter(({ name }) => !refusing.includes(name));
    const excusedMs = refusedMs + coveredMs(hidden, begunMs, spell.toMs);
    const allowedMs = names.length === 0 ? longestMs : excusedMs + afterFaultMs;
    if (lengthMs > allowedMs)
      log.violation(
        'unprotected',
        `${spell.size} ${spell.instrumentId} of ${spell.userId} for ${lengthMs} ms from ${begunMs} (${names.join(', ') || 'no fault'})`,
      );
    const sent = reducing.filter(
      ({ atMs, instrumentId, userId }) =>
        userId === spell.userId && instrumentId === spell.instrumentId && begunMs <= atMs && atMs <= spell.toMs,
    );
    const restart = starts.length > 0;
    // Of a fill the socket tells. A desk that starts has to be answered first, and acts as soon as it knows; before, it covers what was kept.
    const actsFromMs = sent[0]?.atMs ?? spell.toMs;
    const knownFromMs = restart ? Math.min(spell.toMs, Math.max(actsFromMs, faults.takesFromMs(begunMs))) : begunMs;
    return [
      {
        ...{ ...spell, lengthMs, refusedMs, restart, faults: names },
        knownMs: spell.toMs - knownFromMs,
        exitTried: sent.some(({ lastResort }) => lastResort),
      },
    ];
  });
}
