import type { Clock } from '@perpdesk/core';

/** How work within a deadline ended: with a value, at the deadline, or because the caller gave up. */
export type Within<Value> =
  | { readonly ended: 'done'; readonly value: Value }
  | { readonly ended: 'late' }
  | { readonly ended: 'canceled' };

/**
 * Runs `act` for at most `allowedMs` of the clock. Its signal is aborted at the deadline and when `outer` is; nobody waits for it
 * any longer then, and what it does or throws later is dropped.
 * @throws what `act` throws in time
 */
export async function within<Value>(
  {
    clock,
    allowedMs,
    outer,
  }: { readonly clock: Clock; readonly allowedMs: number; readonly outer?: AbortSignal | undefined },
  act: (signal: AbortSignal) => Promise<Value>,
): Promise<Within<Value>> {
  if (outer?.aborted) return { ended: 'canceled' };
  if (!(allowedMs > 0)) return { ended: 'late' };
  const abort = new AbortController();
  const over = Promise.withResolvers<Within<Value>>();
  const end = (ended: 'late' | 'canceled'): void => {
    over.resolve({ ended });
    abort.abort();
  };
  const cancelTimer = clock.setTimer(allowedMs, () => end('late'));
  const giveUp = (): void => end('canceled');
  outer?.addEventListener('abort', giveUp, { once: true });
  try {
    const done = act(abort.signal).then((value): Within<Value> => ({ ended: 'done', value }));
    return await Promise.race([done, over.promise]);
  } finally {
    cancelTimer();
    outer?.removeEventListener('abort', giveUp);
  }
}
