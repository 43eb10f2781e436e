import type { Clock, Rejection, Release } from '@perpdesk/core';
import type { PendingApproval } from './approval-store.ts';

/** What came of an edit. `unknown`: nobody said in time, the approvals that wait say it. */
export type EditOutcome =
  | { readonly outcome: 'edited'; readonly approval: PendingApproval }
  | { readonly outcome: 'refused'; readonly rejection: Rejection }
  | { readonly outcome: 'unknown' };

interface Waiter {
  readonly signalId: string;
  readonly resolve: (outcome: EditOutcome) => void;
  readonly cancel: Release;
}

/** Whoever waits in this process for what comes of an edit that a trade's mailbox was given. */
export class EditOutcomes {
  readonly #waiting = new Map<string, Waiter>();
  readonly #options: { readonly wallClock: Clock; readonly timeoutMs: number };
  #count = 0;

  constructor(options: { readonly wallClock: Clock; readonly timeoutMs: number }) {
    this.#options = options;
  }

  /** Begins to wait. The id is the request's. */
  expect(signalId: string): { readonly requestId: string; readonly outcome: Promise<EditOutcome> } {
    const { timeoutMs, wallClock } = this.#options;
    this.#count += 1;
    const requestId = `edit:${wallClock.nowMs()}:${this.#count}`;
    const outcome = new Promise<EditOutcome>((resolve) => {
      const cancel = wallClock.setTimer(timeoutMs, () => this.tell(requestId, { outcome: 'unknown' }));
      this.#waiting.set(requestId, { signalId, resolve, cancel });
    });
    return { requestId, outcome };
  }

  /** Tells who waits for a request, if anybody does. */
  tell(requestId: string, outcome: EditOutcome): void {
    const waiter = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    waiter?.cancel();
    waiter?.resolve(outcome);
  }

  /** Tells all who wait for a signal that it has its answer: no edit comes to anything any more. */
  answered(signalId: string): void {
    const rejection: Rejection = { code: 'approval.spent', message: 'The signal has been answered already.' };
    for (const [requestId, waiter] of this.#waiting)
      if (waiter.signalId === signalId) this.tell(requestId, { outcome: 'refused', rejection });
  }

  /** Tells everybody that it is not known. */
  close(): void {
    for (const requestId of [...this.#waiting.keys()]) this.tell(requestId, { outcome: 'unknown' });
  }
}
