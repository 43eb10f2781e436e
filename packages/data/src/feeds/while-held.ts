import type { Clock } from '@perpdesk/core';

/** Waits for a request with the clock standing still meanwhile: what is in flight belongs to the present instant. */
export async function whileHeld<Result>(clock: Clock, work: Promise<Result>): Promise<Result> {
  const release = clock.hold();
  try {
    return await work;
  } finally {
    release();
  }
}
