import type { ExecutionVenue, Unsubscribe, VenueUpdate } from '@perpdesk/core';
import type { FaultScript } from './fault-script.ts';
import type { ProcessClock } from './simulated-time.ts';

const oneWayMs = 100;
/** How often it is looked whether a cut socket is up again. */
const reconnectMs = 250;

/** Options of {@link FaultyStream}. */
export interface FaultyStreamOptions {
  readonly venue: ExecutionVenue;
  readonly process: ProcessClock;
  readonly faults: FaultScript;
  readonly userId: string;
  readonly listener: (update: VenueUpdate) => void;
}

/**
 * A user's account updates on their way to one process: late, dropped, repeated, out of order, cut. After a cut it does what
 * an adapter does: it reads the account and tells what was missed. What is dropped by itself nobody tells of.
 */
export class FaultyStream {
  readonly #options: FaultyStreamOptions;
  #missed: VenueUpdate[] = [];
  #down = false;

  constructor(options: FaultyStreamOptions) {
    this.#options = options;
  }

  open(): Unsubscribe {
    const { process, userId, venue } = this.#options;
    const leave = venue.watch(userId, (update) => this.#take(update));
    return () => {
      leave();
      if (!process.ended) this.#missed = [];
    };
  }

  #take(update: VenueUpdate): void {
    const { faults, process } = this.#options;
    if (process.ended) return;
    if (this.#down || faults.lasts('socket cut')) {
      faults.count('update cut off');
      this.#missed.push(update);
      this.#reconnect();
      return;
    }
    if (faults.strikes('update dropped')) return;
    this.#deliver(update, faults.strikes('update reordered') ? faults.between(50, 800) : 0);
    if (faults.strikes('update repeated')) this.#deliver(update, faults.between(0, 2_000));
  }

  #deliver(update: VenueUpdate, lateMs: number): void {
    const { listener, process } = this.#options;
    process.setTimer(oneWayMs + lateMs, () => listener(update));
  }

  #reconnect(): void {
    if (this.#down) return;
    this.#down = true;
    const { faults, process } = this.#options;
    const look = (): void => {
      if (faults.lasts('socket cut')) {
        process.setTimer(reconnectMs, look);
        return;
      }
      this.#down = false;
      for (const update of newestOf(this.#missed.splice(0))) this.#deliver(update, oneWayMs);
    };
    process.setTimer(reconnectMs, look);
  }
}

/** What a reading tells of what was missed: each fill and payment, of everything else how it stands now. */
function newestOf(missed: readonly VenueUpdate[]): readonly VenueUpdate[] {
  const newest = new Map(missed.map((update) => [keyOf(update), update]));
  return missed.filter((update) => newest.get(keyOf(update)) === update);
}

function keyOf(update: VenueUpdate): string {
  switch (update.kind) {
    case 'order':
      return `order ${update.order.clientOrderId}`;
    case 'fill':
      return `fill ${update.fill.id}`;
    case 'position':
      return `position ${update.instrumentId}`;
    case 'funding':
      return `funding ${update.payment.id}`;
    case 'account':
      return 'account';
  }
}
