import type { OrderStatus } from '@perpdesk/core';

/** What the desk was asked and what it told, in order: everything the checker knows of it. JSON-safe. */
export type HistoryEvent =
  | {
      readonly type: 'invoke';
      readonly atMs: number;
      readonly act: number;
      readonly verb: 'place' | 'amend' | 'cancel';
      /** The leg of a trade that it is for: its orders together may not be larger than it. */
      readonly leg: string;
      readonly clientOrderId: string;
      readonly size: string;
    }
  | {
      readonly type: 'ok';
      readonly atMs: number;
      readonly act: number;
      readonly size: string;
      readonly status: string;
    }
  /** Told that it did not happen: refused before it left, rejected by the venue, or never landed. */
  | { readonly type: 'fail'; readonly atMs: number; readonly act: number; readonly code: string }
  /** Nobody knows: the answer was lost, or the process ended. */
  | { readonly type: 'info'; readonly atMs: number; readonly act: number; readonly why: string }
  /** The desk found out by itself, or its view of the account shows it. */
  | {
      readonly type: 'resolve';
      readonly atMs: number;
      readonly by: 'desk' | 'account';
      readonly clientOrderId: string;
      readonly size: string;
      readonly status: OrderStatus;
    }
  /** The next process has nothing of it: it ended before it was written down, and so before it left. */
  | { readonly type: 'forgotten'; readonly atMs: number; readonly clientOrderId: string }
  /** New risk on the symbol was asked for, to see whether it is let through. */
  | { readonly type: 'probe'; readonly atMs: number; readonly clientOrderId: string; readonly outcome: string }
  /** The process ended; until the next has started nothing is sent. */
  | { readonly type: 'restart'; readonly atMs: number }
  | { readonly type: 'started'; readonly atMs: number };

type Unstamped<Event> = Event extends HistoryEvent ? Omit<Event, 'atMs'> : never;

/** Writes the history of a run. */
export class LegHistory {
  readonly events: HistoryEvent[] = [];
  readonly #nowMs: () => number;
  #acts = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  note(event: Unstamped<HistoryEvent>): void {
    this.events.push({ ...event, atMs: this.#nowMs() } as HistoryEvent);
  }

  /** Notes that something was asked for; its number. */
  invoke(act: Omit<Extract<HistoryEvent, { readonly type: 'invoke' }>, 'type' | 'atMs' | 'act'>): number {
    this.#acts += 1;
    this.note({ type: 'invoke', act: this.#acts, ...act });
    return this.#acts;
  }
}
