import {
  type AuditRecord,
  type DatabaseTransaction,
  type KeepWithDecision,
  type Logger,
  type OrderIntent,
  PerpDeskError,
  type Rejection,
  type RejectionCode,
} from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import type { BrixOptions } from './brix-options.ts';

/** An authorisation lives at most this long: what was let pass longer ago can not be sent any more. */
export const authorizationMs = 10_000;

/** Options of {@link KeptEntry}. */
export interface KeptEntryOptions {
  readonly intent: OrderIntent;
  readonly decisionId: string;
  /** What the caller keeps with the decision. */
  readonly keep: KeepWithDecision | undefined;
  readonly logger: Logger;
}

/**
 * What is written down of an order that passes: its audit entry, and what its caller keeps. In the transaction that reserves
 * for it where the store has one, so that one commit holds all; what could not go there is written after it, before anything
 * is authorised.
 */
export class KeptEntry {
  readonly #desk: Pick<BrixOptions, 'auditLog' | 'clock'>;
  readonly #options: KeptEntryOptions;
  readonly #record: AuditRecord;
  #audited = false;
  #expiresAtMs: number | undefined;
  #refused: Rejection | undefined;

  constructor(desk: Pick<BrixOptions, 'auditLog' | 'clock'>, options: KeptEntryOptions) {
    this.#desk = desk;
    this.#options = options;
    this.#record = auditRecord(options.intent, options.decisionId);
  }

  /** When the authorisation must have ended, as the caller keeps it; undefined where nothing was kept. */
  get expiresAtMs(): number | undefined {
    return this.#expiresAtMs;
  }

  /** Why the audit log took the transaction back, if it did. */
  get refused(): Rejection | undefined {
    return this.#refused;
  }

  /** For `RiskStateStore.commit`. What it throws takes the transaction back. */
  readonly writeIn = async (transaction: DatabaseTransaction): Promise<void> => {
    const { auditLog, clock } = this.#desk;
    try {
      this.#audited = (await auditLog?.appendIn?.(transaction, this.#record)) ?? false;
    } catch (error) {
      this.#refused = this.#unwritten(error);
      throw error;
    }
    const { keep } = this.#options;
    if (keep === undefined) return;
    const expiresAtMs = clock.nowMs() + authorizationMs;
    await keep(transaction, expiresAtMs);
    this.#expiresAtMs = expiresAtMs;
  };

  /** Writes the audit entry, unless it is. Why it could not, if so. */
  async audit(): Promise<Rejection | undefined> {
    if (this.#audited) return undefined;
    try {
      await this.#desk.auditLog?.append(this.#record);
      return undefined;
    } catch (error) {
      return this.#unwritten(error);
    }
  }

  #unwritten(error: unknown): Rejection {
    const { intent, logger } = this.#options;
    logger.error({ error, clientOrderId: intent.clientOrderId }, 'an order could not be written to the audit log');
    return unavailable('audit.unavailable', error);
  }
}

/** A refusal for want of what a decision rests on. */
export const unavailable = (code: RejectionCode, error: unknown): Rejection =>
  refusal(
    code,
    'What the decision rests on can not be read or kept.',
    'available',
    PerpDeskError.is(error) ? error.code : 'error',
  );

const auditRecord = (intent: OrderIntent, decisionId: string): AuditRecord => ({
  action: 'order.authorized',
  actor: intent.origin === 'agent' ? 'agent:riven' : `user:${intent.userId}`,
  subject: intent.clientOrderId,
  details: {
    decisionId,
    userId: intent.userId,
    venue: intent.venue,
    instrumentId: intent.instrumentId,
    side: intent.side,
    type: intent.type,
    size: intent.size,
    purpose: intent.purpose,
    reduceOnly: intent.reduceOnly,
  },
});
