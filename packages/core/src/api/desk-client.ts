import type * as z from 'zod';
import type { Clock } from '../clock/clock.ts';
import { SystemClock } from '../clock/system-clock.ts';
import type { ChatMessage } from '../domain/chat.ts';
import type { Proposal } from '../domain/proposal.ts';
import type { Unsubscribe } from '../ports/event-bus.ts';
import {
  type ActResult,
  type AskRequest,
  actResultSchema,
  answeredRoutes,
  type CandleQuery,
  type CloseRequest,
  problemSchema,
  type QueriedRoute,
  type Snapshot,
  type SnapshotQuery,
  type SnapshotRoute,
  snapshotRoutes,
} from './contract.ts';
import { DeskRequestError } from './desk-request-error.ts';
import { type EventSourceLike, type StreamListener, watchStream } from './desk-stream.ts';
import { readRetryAfter } from './read-retry-after.ts';

/** Options of {@link DeskClient}. */
export interface DeskClientOptions {
  /** Where the product is, without a path. Default: this page's origin. */
  readonly baseUrl?: string;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  /** Default: the platform's EventSource. */
  readonly createEventSource?: (url: string) => EventSourceLike;
  /** How long an answer may take. Default 15,000 ms; questions to the desk and approved proposals take up to 40,000 at least. */
  readonly timeoutMs?: number;
  /** The pause before a stream that gave up is opened anew. Default 3,000 ms. */
  readonly reopenMs?: number;
  /** How long the stream may be silent before it is opened anew. Default 20,000 ms; the server speaks every 2,000. */
  readonly silenceMs?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** Every call takes a signal that ends it; it rejects with the signal's reason then. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * Speaks the product's HTTP interface in its own types; every answer is checked. Works in browsers and in Node.
 * An act that ends in `desk.unreachable` or `desk.timed-out` may have happened: look before repeating it.
 * @example
 * const desk = new DeskClient({ baseUrl: 'http://127.0.0.1:4780' });
 * const positions = await desk.get('/positions');
 */
export class DeskClient {
  readonly #baseUrl: string;
  readonly #fetch: typeof fetch;
  readonly #createEventSource: (url: string) => EventSourceLike;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #reopenMs: number;
  readonly #silenceMs: number;

  constructor(options: DeskClientOptions = {}) {
    this.#baseUrl = `${(options.baseUrl ?? '').replace(/\/+$/, '')}/api`;
    this.#fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
    this.#createEventSource = options.createEventSource ?? platformEventSource;
    this.#clock = options.clock ?? new SystemClock();
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#reopenMs = options.reopenMs ?? 3_000;
    this.#silenceMs = options.silenceMs ?? 20_000;
  }

  /** Fetches a snapshot. @throws DeskRequestError with the server's code, or one of its own */
  get<Route extends QueriedRoute>(
    route: Route,
    query: SnapshotQuery<Route>,
    options?: CallOptions,
  ): Promise<Snapshot<Route>>;
  get<Route extends Exclude<SnapshotRoute, QueriedRoute>>(
    route: Route,
    query?: SnapshotQuery<Route>,
    options?: CallOptions,
  ): Promise<Snapshot<Route>>;
  get<Route extends SnapshotRoute>(
    route: Route,
    query: Readonly<Record<string, string | number | undefined>> = {},
    options: CallOptions = {},
  ): Promise<Snapshot<Route>> {
    const search = Object.entries(query)
      .flatMap(([name, value]) =>
        value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
      )
      .join('&');
    const path = `${route}${search === '' ? '' : `?${search}`}`;
    const schema: z.ZodType = snapshotRoutes[route];
    // The compiler can not follow the schema of a route that is a type parameter.
    return this.#request(path, schema, {}, options) as Promise<Snapshot<Route>>;
  }

  /** The last closed bars of a series, oldest first; 500 unless `limit` says otherwise. @throws DeskRequestError */
  candles(query: CandleQuery, options?: CallOptions): Promise<Snapshot<'/candles'>> {
    return this.get('/candles', query, options);
  }

  /** Approves a waiting signal, exactly as its hash names it. @throws DeskRequestError `approval.unknown`, `approval.altered` */
  approve(signalId: string, contentHash: string, options?: CallOptions): Promise<ActResult> {
    return this.#act(`/approvals/${encodeURIComponent(signalId)}/approve`, { contentHash }, options);
  }

  /** Declines a waiting signal. `reason`: at most 300 characters. @throws DeskRequestError `approval.unknown` */
  decline(signalId: string, reason: string, options?: CallOptions): Promise<ActResult> {
    return this.#act(`/approvals/${encodeURIComponent(signalId)}/decline`, { reason }, options);
  }

  /** Closes a position, or a fraction in (0, 1] of it, at the market. @throws DeskRequestError */
  closePosition(request: CloseRequest, options?: CallOptions): Promise<ActResult> {
    // Only these: callers may pass a whole position.
    const { venue, instrumentId, fraction } = request;
    return this.#act('/positions/close', { venue, instrumentId, fraction }, options);
  }

  /**
   * Asks the desk, in a new conversation or one of the user's. What the answer proposes waits to be approved; no text approves it.
   * @throws DeskRequestError `chat.unknown`, `chat.rate`, `chat.busy`, `chat.overloaded`; the last three say `retryAfterMs`
   */
  ask({ conversationId, text }: AskRequest, options?: CallOptions): Promise<ChatMessage> {
    const { answer } = answeredRoutes['/chat'];
    return this.#request('/chat', answer, posted({ conversationId, text }), options, longAnswerMs);
  }

  /** Forgets all that the user and the desk said; what is being answered is broken off. Proposals stay. @throws DeskRequestError */
  forgetChat(options?: CallOptions): Promise<ActResult> {
    return this.#act('/chat/forget', {}, options);
  }

  /**
   * Approves a proposal, exactly as its hash names it. The answer says what became of it; `approved` while that is not known.
   * @throws DeskRequestError `proposal.unknown`, `proposal.changed`, `proposal.expired`, `proposal.void`, `proposal.decided`
   */
  approveProposal(proposalId: string, contentHash: string, options?: CallOptions): Promise<Proposal> {
    const { answer } = answeredRoutes['/proposals/{proposalId}/approve'];
    const path = `/proposals/${encodeURIComponent(proposalId)}/approve`;
    return this.#request(path, answer, posted({ contentHash }), options, longAnswerMs);
  }

  /** Declines a proposal. `reason`: at most 300 characters. @throws DeskRequestError as {@link approveProposal} */
  declineProposal(proposalId: string, reason?: string, options?: CallOptions): Promise<Proposal> {
    const { answer } = answeredRoutes['/proposals/{proposalId}/decline'];
    return this.#request(`/proposals/${encodeURIComponent(proposalId)}/decline`, answer, posted({ reason }), options);
  }

  /** Halts new risk and cancels resting entries; protective stops stay. @throws DeskRequestError */
  halt(reason: string, options?: CallOptions): Promise<ActResult> {
    return this.#act('/kill-switch', { reason }, options);
  }

  /** Closes every position at the market. @throws DeskRequestError */
  flatten(options?: CallOptions): Promise<ActResult> {
    return this.#act('/flatten', {}, options);
  }

  /**
   * Listens to the stream until unsubscribed; a broken stream is opened again and goes on where it was.
   * @throws DeskRequestError `stream.unsupported` on a platform without EventSource when none was passed.
   */
  watch(listener: StreamListener): Unsubscribe {
    return watchStream(
      {
        url: `${this.#baseUrl}/stream`,
        createEventSource: this.#createEventSource,
        clock: this.#clock,
        reopenMs: this.#reopenMs,
        silenceMs: this.#silenceMs,
      },
      listener,
    );
  }

  #act(route: string, body: object, options?: CallOptions): Promise<ActResult> {
    return this.#request(route, actResultSchema, posted(body), options);
  }

  async #request<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    init: RequestInit,
    { signal }: CallOptions = {},
    leastTimeoutMs = 0,
  ): Promise<z.output<Schema>> {
    const timeoutMs = Math.max(this.#timeoutMs, leastTimeoutMs);
    const reads = init.method === undefined;
    const timeout = new AbortController();
    const cancelTimeout = this.#clock.setTimer(timeoutMs, () => timeout.abort());
    try {
      const response = await this.#fetch(`${this.#baseUrl}${path}`, {
        ...init,
        signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
      });
      const text = await response.text();
      const retryAfterMs = readRetryAfter(response.headers.get('Retry-After'), this.#clock.nowMs());
      return readAnswer(path, schema, { status: response.status, text, retryAfterMs }, reads);
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      if (cause instanceof DeskRequestError) throw cause;
      const unknown = reads ? '' : ' Whether it acted is unknown.';
      // A read may be repeated blindly, an act never.
      throw timeout.signal.aborted
        ? new DeskRequestError('desk.timed-out', `The desk did not answer within ${timeoutMs} ms.${unknown}`, {
            retryable: reads,
          })
        : new DeskRequestError('desk.unreachable', `The desk can not be reached.${unknown}`, {
            cause,
            retryable: reads,
          });
    } finally {
      cancelTimeout();
    }
  }
}

/** Where the desk itself takes up to half a minute to answer. */
const longAnswerMs = 40_000;

const posted = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

interface Received {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

function readAnswer<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  { status, text, retryAfterMs }: Received,
  reads: boolean,
): z.output<Schema> {
  const json = parseJson(text);
  if (status < 200 || status > 299) {
    const { data: problem } = problemSchema.safeParse(json);
    throw new DeskRequestError(
      problem?.code ?? 'desk.failed',
      problem?.detail ?? `The desk answered with status ${status}.`,
      { status, retryable: reads && (status === 429 || status >= 500), retryAfterMs },
    );
  }
  const answer = schema.safeParse(json);
  if (answer.success) return answer.data;
  throw new DeskRequestError('desk.unreadable', `The desk's answer to ${path} does not fit this version.`, {
    status,
    cause: answer.error,
  });
}

/** Undefined for what is no JSON: no schema takes it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function platformEventSource(url: string): EventSourceLike {
  const { EventSource } = globalThis as { readonly EventSource?: new (url: string) => EventSourceLike };
  if (EventSource === undefined) {
    throw new DeskRequestError('stream.unsupported', 'This platform has no EventSource: pass createEventSource.');
  }
  return new EventSource(url);
}
