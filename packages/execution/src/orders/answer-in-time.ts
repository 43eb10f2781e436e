import { type Clock, VenueError } from '@perpdesk/core';

/**
 * An answer, or a VenueError `venue.slow` when it takes longer than `withinMs`. Who waits for it goes on then; the question is
 * not taken back, and `late` is called with the answer when it comes after all.
 */
export function answerInTime<Answer>(
  clock: Clock,
  withinMs: number,
  question: Promise<Answer>,
  late: (answer: Answer) => void = () => {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let waits = true;
    const cancel = clock.setTimer(withinMs, () => {
      waits = false;
      reject(new VenueError('venue.slow', `The venue has not answered within ${withinMs} ms.`, { retryable: true }));
    });
    question.then(
      (answer) => {
        cancel();
        if (waits) resolve(answer);
        else late(answer);
      },
      (error: unknown) => {
        cancel();
        // After its time an error is no news: the outcome was unknown before.
        if (waits) reject(error);
      },
    );
  });
}
