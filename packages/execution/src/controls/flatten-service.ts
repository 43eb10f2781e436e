import { type EventBus, type Health, type Logger, type Service, silentLogger, type Unsubscribe } from '@perpdesk/core';
import type { KillSwitch } from './kill-switch.ts';

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
      const outcomes = await killSwitch.flatten(payload.userId, payload.venue);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      logger.warn(
        { userId: payload.userId, closes: outcomes.length, reason: payload.reason },
        'positions are being closed',
      );
      // A venue that can not say what is open is asked again: the bus delivers once more.
      if (failed?.status === 'rejected') throw failed.reason;
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
