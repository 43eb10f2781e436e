import type { ExchangeEndpoint } from '../exchange/exchange-endpoint.ts';
import type { ExchangeContext } from '../exchange-context.ts';
import type { FaultScript } from '../faults/fault-script.ts';
import { faultyAnswer } from '../faults/faulty-answer.ts';
import type { InfoEndpoint } from '../info/info-endpoint.ts';
import type { InfoRequest } from '../info/info-request.ts';
import type { WireAnswer } from '../wire/wire-answer.ts';
import type { Subscriber, SubscriptionHub } from './subscription-hub.ts';

/** The wire of a session: a real socket or one in memory. */
export interface SocketWire {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Ends it without a word. */
  terminate(): void;
}

/** What a session needs of the exchange. */
export interface SocketParts {
  readonly context: ExchangeContext;
  readonly info: InfoEndpoint;
  readonly exchange: ExchangeEndpoint;
  readonly hub: SubscriptionHub;
  readonly faults: FaultScript;
}

/** Messages of one socket: subscriptions, pings, and requests by `post`. */
export class SocketSession implements Subscriber {
  readonly remote: string;
  /** When the exchange last sent something. */
  lastSentAtMs: number;
  readonly #wire: SocketWire;
  readonly #parts: SocketParts;
  readonly #onEnd: () => void;
  #postsInFlight = 0;
  #open = true;

  constructor(parts: SocketParts, wire: SocketWire, remote: string, onEnd: () => void) {
    this.#parts = parts;
    this.#onEnd = onEnd;
    this.#wire = wire;
    this.remote = remote;
    this.lastSentAtMs = parts.context.clock.nowMs();
    this.#send('Websocket connection established.');
  }

  /** Reads one message of the client. */
  receive(text: string): void {
    if (!this.#open) return;
    if (!this.#parts.context.limiter.takeMessage(this.remote)) {
      this.close(1008, 'Too many messages');
      return;
    }
    const message = parsed(text);
    if (message?.method === 'ping') return this.#sendJson({ channel: 'pong' });
    const subscription = record(message?.subscription);
    if (message?.method === 'subscribe' && subscription !== undefined) return this.#subscribe(subscription);
    if (message?.method === 'unsubscribe' && subscription !== undefined) return this.#unsubscribe(subscription);
    const request = record(message?.request);
    const id = message?.id;
    if (message?.method === 'post' && request !== undefined && typeof id === 'number') {
      void this.#post(id, request);
      return;
    }
    this.#sendError(`Error parsing JSON into valid websocket request: ${text}`);
  }

  push(channel: string, data: unknown): void {
    const { faults, context } = this.#parts;
    const [fault] = faults.strike(channel, 'push');
    const send = (): void => this.#sendJson({ channel, data });
    switch (fault?.kind) {
      case undefined:
        return send();
      case 'duplicate-answer':
        send();
        return send();
      case 'late':
      case 'latency':
        return void context.clock.setTimer(fault.delayMs, send);
      case 'garbage-body':
        return this.#send(JSON.stringify({ channel, data }).slice(0, -2));
      case 'reset-mid-body':
        return this.terminate();
      default:
        return;
    }
  }

  /** Ends it with a code and a reason. */
  close(code: number, reason: string): void {
    this.#wire.close(code, reason);
    this.ended();
  }

  /** Ends it without a word. */
  terminate(): void {
    this.#wire.terminate();
    this.ended();
  }

  /** To be called when the wire has ended by itself. */
  ended(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#parts.hub.leave(this);
    this.#onEnd();
  }

  #subscribe(request: InfoRequest): void {
    const outcome = this.#parts.hub.subscribe(this, request);
    if ('error' in outcome) return this.#sendError(outcome.error);
    const { subscription } = outcome;
    this.#sendJson({ channel: 'subscriptionResponse', data: { method: 'subscribe', subscription } });
    this.#parts.hub.begin(this, subscription);
  }

  #unsubscribe(request: InfoRequest): void {
    const outcome = this.#parts.hub.unsubscribe(this, request);
    if ('error' in outcome) return this.#sendError(outcome.error);
    const { subscription } = outcome;
    this.#sendJson({ channel: 'subscriptionResponse', data: { method: 'unsubscribe', subscription } });
  }

  async #post(id: number, request: InfoRequest): Promise<void> {
    const { context, faults, info, exchange } = this.#parts;
    const payload = record(request.payload);
    const isInfo = request.type === 'info';
    if (payload === undefined || (!isInfo && request.type !== 'action')) {
      return this.#sendError(
        `Error parsing JSON into valid websocket request: ${JSON.stringify({ method: 'post', id, request })}`,
      );
    }
    if (this.#postsInFlight >= context.limiter.limits.postsInFlight) {
      return this.#sendError(`too many pending post requests id=${id}`);
    }
    this.#postsInFlight += 1;
    const verb = String(isInfo ? payload.type : record(payload.action)?.type);
    const { answer, manner } = await faultyAnswer(
      faults.strike(verb, isInfo ? 'info' : 'exchange'),
      context.clock,
      () => (isInfo ? info.answer(payload, this.remote) : exchange.answer(payload, undefined)),
    );
    this.#postsInFlight -= 1;
    if (manner === 'never') return;
    if (manner === 'reset-mid-body') return this.terminate();
    const send = (): void => this.#sendAnswer(id, isInfo ? verb : undefined, answer);
    send();
    if (manner === 'twice') send();
  }

  #sendAnswer(id: number, infoType: string | undefined, answer: WireAnswer): void {
    const value = answer.status === 200 ? parsedValue(answer.body) : undefined;
    if (answer.status === 200 && value === undefined) return this.#send(answer.body);
    const response =
      answer.status !== 200
        ? { type: 'error', payload: `${answer.status} ${answer.body}` }
        : infoType === undefined
          ? { type: 'action', payload: value }
          : { type: 'info', payload: { type: infoType, data: value } };
    this.#sendJson({ channel: 'post', data: { id, response } });
  }

  #sendError(data: string): void {
    this.#sendJson({ channel: 'error', data });
  }

  #sendJson(message: unknown): void {
    this.#send(JSON.stringify(message));
  }

  #send(text: string): void {
    if (!this.#open) return;
    this.lastSentAtMs = this.#parts.context.clock.nowMs();
    this.#wire.send(text);
  }
}

const record = (value: unknown): InfoRequest | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as InfoRequest) : undefined;

const parsed = (text: string): InfoRequest | undefined => record(parsedValue(text));

function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
