import type { Spell } from './cover-audit.ts';
import type { Downtime } from './desk-simulation.ts';
import type { FaultScript, SpanName } from './fault-script.ts';
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
/** How long a spell may last by any measure: the limit at which it is closed, an answer that does not come, and the close. */
const longestMs = 25_000;
/** The same where the desk was kept from it: until the next sweep after the fault. */
const afterFaultMs = 75_000;

/** Says of each spell how long it lasted while a desk ran, and what kept the desk; names those that lasted too long. */
export function judgeSpells(
  spells: readonly Spell[],
  world: { readonly faults: FaultScript; readonly downtimes: readonly Downtime[]; readonly log: RunLog },
): readonly JudgedSpell[] {
  const { downtimes, faults, log } = world;
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
    const excusedMs = spans.reduce(
      (sum, { fromMs, toMs }) => sum + Math.min(toMs, spell.toMs) - Math.max(fromMs, begunMs),
      0,
    );
    const allowedMs = names.length === 0 ? longestMs : excusedMs + afterFaultMs;
    if (lengthMs > allowedMs)
      log.violation(
        'unprotected',
        `${spell.size} ${spell.instrumentId} of ${spell.userId} for ${lengthMs} ms from ${begunMs} (${names.join(', ') || 'no fault'})`,
      );
    return [{ ...spell, lengthMs, restart: starts.length > 0, faults: names }];
  });
}
