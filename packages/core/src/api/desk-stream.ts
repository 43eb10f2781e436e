import type * as z from 'zod';
import type { Clock, Release } from '../clock/clock.ts';
import type { Unsubscribe } from '../ports/event-bus.ts';
import {
  type JournalEvent,
  journalEventSchema,
  type MarketFrame,
  marketFrameSchema,
  type Status,
  statusSchema,
} from './contract.ts';

/** The part of EventSource (WHATWG HTML §9.2) that is used: browsers have it, elsewhere bring one. */
export interface EventSourceLike {
  /** 2 once it has given up. One that has no such state is reopened when it falls silent. */
  readonly readyState?: number;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

/** What a stream tells. Every member is optional. */
export interface StreamListener {
  readonly onStatus?: (status: Status) => void;
  readonly onMarket?: (frame: MarketFrame) => void;
  readonly onJournal?: (event: JournalEvent) => void;
  /** Events were missed that can not be given again: fetch the snapshots. */
  readonly onResync?: () => void;
  /** The stream came up, or broke and is being opened again. */
  readonly onConnection?: (connected: boolean) => void;
  /** A message that does not fit the contract was dropped. */
  readonly onInvalid?: (error: Error) => void;
}

/** How a stream is kept up. */
export interface DeskStreamOptions {
  readonly url: string;
  readonly createEventSource: (url: string) => EventSourceLike;
  readonly clock: Clock;
  /** The pause before a source that gave up is replaced. */
  readonly reopenMs: number;
  /** A server says something every few seconds; after this long without a word the line is dead, whatever the socket says. */
  readonly silenceMs: number;
}

const closed = 2;

/**
 * Listens until unsubscribed. The platform reconnects after a broken line by itself; a source that gave up (the server
 * answered with an error, say while it restarts) or fell silent (a laptop slept) is replaced, from the last position on.
 */
export function watchStream(options: DeskStreamOptions, listener: StreamListener): Unsubscribe {
  const { clock, silenceMs, reopenMs } = options;
  let source: EventSourceLike | undefined;
  let position: number | undefined;
  let heardAtMs = clock.nowMs();
  let cancelTimer: Release = () => {};
  let ended = false;

  const open = (): void => {
    const opened = options.createEventSource(
      position === undefined ? options.url : `${options.url}?lastEventId=${position}`,
    );
    source = opened;
    heardAtMs = clock.nowMs();
    watchSilence();
    const hear = (type: string, react: (data: unknown) => void): void =>
      opened.addEventListener(type, ({ data }) => {
        if (source !== opened) return;
        heardAtMs = clock.nowMs();
        react(data);
      });
    const read = <Schema extends z.ZodType>(type: string, schema: Schema, tell: (value: z.output<Schema>) => void) =>
      hear(type, (data) => {
        const value = readMessage(type, schema, data);
        if (value instanceof Error) listener.onInvalid?.(value);
        else tell(value);
      });
    read('status', statusSchema, (status) => listener.onStatus?.(status));
    read('market', marketFrameSchema, (frame) => listener.onMarket?.(frame));
    read('journal', journalEventSchema, (event) => {
      position = event.position;
      listener.onJournal?.(event);
    });
    hear('resync', () => {
      position = undefined;
      listener.onResync?.();
    });
    hear('open', () => listener.onConnection?.(true));
    hear('error', () => {
      listener.onConnection?.(false);
      if (opened.readyState === closed) reopen();
    });
  };
  const reopen = (): void => {
    source?.close();
    source = undefined;
    cancelTimer();
    if (!ended) cancelTimer = clock.setTimer(reopenMs, open);
  };
  const watchSilence = (): void => {
    cancelTimer();
    cancelTimer = clock.setTimer(heardAtMs + silenceMs - clock.nowMs(), () => {
      if (clock.nowMs() < heardAtMs + silenceMs) return watchSilence();
      listener.onConnection?.(false);
      reopen();
    });
  };

  open();
  return () => {
    ended = true;
    cancelTimer();
    source?.close();
    source = undefined;
  };
}

function readMessage<Schema extends z.ZodType>(type: string, schema: Schema, data: unknown): z.output<Schema> | Error {
  let json: unknown;
  try {
    json = JSON.parse(String(data));
  } catch (cause) {
    return new Error(`A ${type} message is no JSON.`, { cause });
  }
  const result = schema.safeParse(json);
  return result.success
    ? result.data
    : new Error(`A ${type} message does not fit this version.`, { cause: result.error });
}
