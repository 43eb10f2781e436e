import {
  type EventBus,
  type Health,
  type Logger,
  type Service,
  silentLogger,
  type Unsubscribe,
  VenueError,
} from '@perpdesk/core';
import type { KillSwitch } from './kill-switch.ts';
import type { CloseOutcome } from './position-closer.ts';

/** Options of {@link FlattenService}. */
export interface FlattenServiceOptions {
  readonly killSwitch: KillSwitch;
  readonly eventBus: EventBus;
  readonly logger?: Logger;
}

/** Closes what a user has open when risk asks for it: at the daily loss limit, where the user chose so. */
export class FlattenService implements Service {
  readonly name = 'flatten';
  readonly #options: FlattenServiceOptions;
  #unsubscribe: Unsubscribe | undefined;

  constructor(options: FlattenServiceOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { eventBus, killSwitch, logger = silentLogger } = this.#options;
    this.#unsubscribe = eventBus.subscribe({ group: this.name, types: ['flatten.requested'] }, async ({ payload }) => {
      const { reason, userId, venue } = payload;
      const outcomes = await killSwitch.flatten(userId, venue);
      logger.warn({ userId, venue, closes: outcomes.length, reason }, 'positions are being closed');
      const open = outcomes.filter((outcome) => outcome.status === 'rejected' || !isClosed(outcome.value)).length;
      // What is not closed is closed again: the bus delivers once more.
      if (open > 0)
        throw new VenueError('flatten.incomplete', `${open} positions of ${userId} at ${venue} are not closed yet.`, {
          retryable: true,
        });
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  health(): Health {
    return this.#unsubscribe === undefined ? { status: 'stopped' } : { status: 'healthy' };
  }
}

const isClosed = (close: CloseOutcome): boolean =>
  close.outcome === 'flat' || (close.outcome === 'accepted' && close.order.status === 'filled');
