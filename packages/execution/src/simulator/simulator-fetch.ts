import type { Clock } from '@perpdesk/core';
import type { Delivery } from './faults/faulty-answer.ts';

type Post = (path: string, body: string, remote: string) => Promise<Delivery>;

/**
 * A `fetch` that reaches the exchange without a socket: the same answers and faults, on the exchange's clock alone. Only the
 * path of the address counts.
 */
export function simulatorFetch(clock: Clock, post: Post): typeof fetch {
  return async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname;
    const text = await bodyOf(clock, input, init);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const { answer, manner } = await unlessAborted(signal, post(path, text, 'memory'));
    if (manner === 'never') throw failed('other side closed');
    const headers = { 'content-type': answer.contentType };
    if (manner !== 'reset-mid-body') return new Response(answer.body, { status: answer.status, headers });
    const half = new TextEncoder().encode(answer.body.slice(0, Math.floor(answer.body.length / 2)));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(half),
      pull: (controller) => controller.error(failed('read ECONNRESET')),
    });
    return new Response(body, { status: answer.status, headers });
  };
}

/** Time stands still while a body is read, so that a run on a simulated clock repeats. */
async function bodyOf(clock: Clock, input: string | URL | Request, init: RequestInit | undefined): Promise<string> {
  if (typeof init?.body === 'string') return init.body;
  const release = clock.hold();
  try {
    return await new Request(input, init).text();
  } finally {
    release();
  }
}

const failed = (reason: string): TypeError => new TypeError('fetch failed', { cause: new Error(reason) });

function unlessAborted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
