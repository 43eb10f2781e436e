import type { DomainEvent } from '@perpdesk/core';
import { toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { compareRuns } from './compare-runs.ts';
import { settledPositions } from './settled-positions.ts';
import { exampleDay } from './testing/example-day.ts';

const day = exampleDay('a');
const again = exampleDay('b');
const terms = { usd: '0.0005', ratio: '0.00000001', members: [] };

/** A journal that tells each position of the day after a first part of it, too. */
const inParts = (journal: readonly DomainEvent[], laterMs = 0): readonly DomainEvent[] =>
  journal.flatMap((event): DomainEvent[] => {
    if (event.type !== 'position.opened') return [event];
    const first = { ...event, payload: { ...event.payload, size: toSize('0.01'), entryPrice: toPrice(1) } };
    const { payload } = event;
    return [first, { ...event, id: `${event.id}-2`, type: 'position.changed', payload, atMs: event.atMs + laterMs }];
  });

const positionsOf = (journal: readonly DomainEvent[]): readonly unknown[] =>
  journal.flatMap((event) => (event.type.startsWith('position.') ? [[event.type, event.payload]] : []));

describe('settledPositions', () => {
  it('default: of what a position went through in one instant the last remains, as it was opened', () => {
    expect(positionsOf(settledPositions(inParts(day)))).toEqual(positionsOf(day));
    expect(settledPositions(inParts(day))).toHaveLength(day.length);
    expect(settledPositions(day)).toEqual(day);
  });

  it('behavior: what changed at another instant is told as it was', () => {
    const told = inParts(day, 1);
    expect(settledPositions(told)).toEqual(told);
  });

  it('behavior: a venue that tells both steps and one that tells the last agree; one venue with itself does not', () => {
    expect(compareRuns(inParts(day), again, { accounting: terms })).toMatchObject({ same: true, roots: [] });
    expect(compareRuns(inParts(day), again).roots.map(({ subject, kind }) => [subject, kind])).toContainEqual([
      'position',
      'differs',
    ]);
  });
});
