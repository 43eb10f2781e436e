import { describe, expect, it } from 'vitest';
import { Mailbox } from './mailbox.ts';

const signal = (sequence: number, topic = 'a') => ({ sequence, runId: 'run', topic, payload: `"${sequence}"` });
const taken = (mailbox: Mailbox, topic: string): (number | undefined)[] =>
  Array.from({ length: 4 }, () => mailbox.take(topic)?.sequence);

describe('Mailbox', () => {
  it('default: each is given out once, the oldest of a topic first, whichever came first', () => {
    const mailbox = new Mailbox();
    mailbox.put([signal(3), signal(1, 'b')]);
    mailbox.put([signal(2), signal(4, 'b')]);
    expect(taken(mailbox, 'a')).toEqual([2, 3, undefined, undefined]);
    expect(taken(mailbox, 'b')).toEqual([1, 4, undefined, undefined]);
    expect(mailbox.take('c')).toBeUndefined();
  });

  it('behavior: what is known is not put in again, taken or not', () => {
    const mailbox = new Mailbox();
    mailbox.put([signal(1)]);
    mailbox.put([signal(1), signal(2)]);
    expect(taken(mailbox, 'a')).toEqual([1, 2, undefined, undefined]);
    mailbox.put([signal(1), signal(2)]);
    expect(mailbox.take('a')).toBeUndefined();
  });

  it('behavior: one that the journal says was taken is not given out, before it comes or after', () => {
    const mailbox = new Mailbox();
    mailbox.markTaken(1);
    mailbox.put([signal(1), signal(2), signal(3)]);
    mailbox.markTaken(2);
    expect(taken(mailbox, 'a')).toEqual([3, undefined, undefined, undefined]);
  });

  it('behavior: wakes who waits for the topic, for each signal that is new, until they leave', () => {
    const mailbox = new Mailbox();
    const woken: string[] = [];
    const leave = mailbox.listen('a', () => woken.push('first'));
    mailbox.listen('b', () => woken.push('other'));
    mailbox.put([signal(1)]);
    mailbox.put([signal(1)]);
    expect(woken).toEqual(['first']);
    leave();
    mailbox.put([signal(2), signal(3, 'b')]);
    expect(woken).toEqual(['first', 'other']);
  });
});
