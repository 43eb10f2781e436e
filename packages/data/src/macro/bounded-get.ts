import { type Clock, VenueError } from '@perpdesk/core';

/** How an address is asked. */
export interface BoundedGet {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly contentType: RegExp;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal;
}

/** A whole answer. */
export interface BoundedAnswer {
  readonly content: string;
  readonly etag?: string;
  readonly modified?: string;
}

/**
 * Asks an address once, and takes no more than it should give: no redirect, the right type of content, so many bytes, so
 * much time.
 * @throws VenueError `macro.answer` for an answer that is not one, retryable where asking later may help. The signal's reason
 * when aborted.
 */
export async function boundedGet(url: URL, options: BoundedGet): Promise<BoundedAnswer | 'unchanged'> {
  const { clock, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const late = refusal(url, `did not answer within ${timeoutMs} ms`, true);
  const cancel = clock.setTimer(timeoutMs, () => controller.abort(late));
  try {
    const response = await options.fetch(url, {
      redirect: 'manual',
      headers: { ...options.headers },
      referrerPolicy: 'no-referrer',
      credentials: 'omit',
      signal: controller.signal,
    });
    return await readAnswer(response, url, options);
  } catch (error) {
    signal?.throwIfAborted();
    if (controller.signal.aborted) throw late;
    if (VenueError.is(error)) throw error;
    throw refusal(url, 'can not be reached', true, error);
  } finally {
    cancel();
    signal?.removeEventListener('abort', stop);
    // Lets go of the connection also when the rest of the answer is not wanted.
    controller.abort();
  }
}

async function readAnswer(response: Response, url: URL, options: BoundedGet): Promise<BoundedAnswer | 'unchanged'> {
  const { status, headers, body } = response;
  if (status === 304) return 'unchanged';
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400))
    throw refusal(url, 'redirects elsewhere, which is not followed; give the address it moved to', false);
  if (status !== 200) throw refusal(url, `answers ${status}`, status === 429 || status >= 500);
  const type = headers.get('content-type') ?? '';
  if (!options.contentType.test(type))
    throw refusal(url, `answers with the content type "${type.slice(0, 60)}"`, false);
  const announced = Number(headers.get('content-length') ?? 0);
  if (announced > options.maxBytes) throw refusal(url, `answers with more than ${options.maxBytes} bytes`, false);
  const decoder = new TextDecoder();
  let content = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > options.maxBytes) throw refusal(url, `answers with more than ${options.maxBytes} bytes`, false);
    content += decoder.decode(chunk, { stream: true });
  }
  const [etag, modified] = [headers.get('etag'), headers.get('last-modified')];
  return {
    content: content + decoder.decode(),
    ...(etag === null ? {} : { etag }),
    ...(modified === null ? {} : { modified }),
  };
}

function refusal(url: URL, what: string, retryable: boolean, cause?: unknown): VenueError {
  return new VenueError('macro.answer', `${url.host} ${what}.`, {
    retryable,
    ...(cause === undefined ? {} : { cause }),
  });
}
