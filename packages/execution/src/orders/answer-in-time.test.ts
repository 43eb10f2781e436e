import { SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { answerInTime } from './answer-in-time.ts';

function question() {
  let answer: (value: string) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const asked = new Promise<string>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return { asked, answer: (value: string) => answer(value), fail: (error: Error) => fail(error) };
}

describe('answerInTime', () => {
  it('default: gives the answer, and leaves no timer behind', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    const { asked, answer } = question();
    const given = answerInTime(clock, 1_000, asked);
    answer('yes');
    expect(await given).toBe('yes');
    await clock.advanceBy(10_000);
  });

  it('error: is slow after its time, hands over what comes late, and swallows a late failure', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    const late: string[] = [];
    const [first, second] = [question(), question()];
    const given = [
      answerInTime(clock, 1_000, first.asked, (answer) => late.push(answer)),
      answerInTime(clock, 1_000, second.asked),
    ];
    const settled = Promise.allSettled(given);
    await clock.advanceBy(1_000);
    expect(await settled).toMatchObject([{ reason: { code: 'venue.slow', retryable: true } }, { status: 'rejected' }]);
    first.answer('after all');
    second.fail(new Error('late'));
    await clock.idle();
    expect(late).toEqual(['after all']);
  });

  it('error: passes on a failure that comes in time', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    const { asked, fail } = question();
    const given = answerInTime(clock, 1_000, asked);
    fail(new Error('no'));
    await expect(given).rejects.toThrow('no');
  });
});
