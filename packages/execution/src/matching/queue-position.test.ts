import { Decimal } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinQueue, resizeQueue, tradeThroughQueue } from './queue-position.ts';

const d = (value: number) => new Decimal(value);
const told = ({ ahead, behind }: ReturnType<typeof joinQueue>) => [ahead.toFixed(), behind.toFixed()];

describe('queue position', () => {
  it('default: trades take from ahead, and what is left of them reaches the order', () => {
    const first = tradeThroughQueue(joinQueue(d(5)), d(2));
    expect([...told(first.queue), first.reached.toFixed()]).toEqual(['3', '0', '0']);
    const second = tradeThroughQueue(first.queue, d(4));
    expect([...told(second.queue), second.reached.toFixed()]).toEqual(['0', '0', '1']);
  });

  it('behavior: growth joins behind; shrinking leaves in proportion, or from the back', () => {
    const grown = resizeQueue(joinQueue(d(6)), d(8), 'proportional');
    expect(told(grown)).toEqual(['6', '2']);
    expect(told(resizeQueue(grown, d(4), 'proportional'))).toEqual(['3', '1']);
    expect(told(resizeQueue(grown, d(7), 'from-the-back'))).toEqual(['6', '1']);
    expect(told(resizeQueue(grown, d(4), 'from-the-back'))).toEqual(['4', '0']);
  });

  it('behavior: a place never gets worse, the parts always sum to the total, and the back is the least gain', () => {
    const size = fc.integer({ min: 0, max: 1_000_000 }).map((n) => d(n).dividedBy(1_000));
    fc.assert(
      fc.property(size, size, size, (start, grown, total) => {
        const queue = resizeQueue(joinQueue(start), start.plus(grown), 'proportional');
        const proportional = resizeQueue(queue, total, 'proportional');
        const back = resizeQueue(queue, total, 'from-the-back');
        for (const next of [proportional, back]) {
          expect(next.ahead.lessThanOrEqualTo(queue.ahead)).toBe(true);
          expect(next.ahead.isNegative()).toBe(false);
          expect(next.ahead.plus(next.behind).toFixed()).toBe(total.toFixed());
        }
        expect(back.ahead.greaterThanOrEqualTo(proportional.ahead)).toBe(true);
      }),
    );
  });
});
