import type { AuditLog, Clock, JsonValue, RiskLimits, Tier, User } from '@perpdesk/core';
import { SerialQueue } from '../state/serial-queue.ts';
import { type Reauthenticate, requireReauthentication } from '../switch/reauthenticate.ts';
import { type LimitChange, limitChange } from './limit-change.ts';
import type { LimitRecord, LimitStore } from './limit-store.ts';
import { limitsFor } from './limits-for.ts';
import { tierDefaults } from './tier-defaults.ts';

/** Options of {@link LimitBook}. */
export interface LimitBookOptions {
  readonly clock: Clock;
  readonly store: LimitStore;
  /** Every change is written here. Without one that can be written nothing is raised. */
  readonly auditLog: AuditLog;
  /** Asked before a limit is raised. Default: none can be. */
  readonly reauthenticate?: Reauthenticate;
  /** Replaces tier defaults, whole tiers at a time. */
  readonly tiers?: Partial<Readonly<Record<Tier, RiskLimits>>>;
}

/** A wish to change limits. */
export interface LimitRequest {
  readonly user: Pick<User, 'id' | 'tier' | 'limits'>;
  readonly wanted: Partial<RiskLimits>;
  /** `user:<id>`, `system`. */
  readonly actor: string;
  readonly reason: string;
  /** What the person authenticated with again. Never kept or logged. */
  readonly token?: string;
}

/**
 * What users changed of their limits, on top of the directory's: lowering holds before the call returns its promise, raising 60 s
 * after the user authenticated again; both are written to the audit log. Give it to Brix as `limitBook`.
 */
export class LimitBook {
  readonly #options: LimitBookOptions;
  readonly #tiers: Readonly<Record<Tier, RiskLimits>>;
  readonly #records = new Map<string, LimitRecord>();
  readonly #queue = new SerialQueue();

  constructor(options: LimitBookOptions) {
    this.#options = options;
    this.#tiers = { ...tierDefaults, ...options.tiers };
  }

  /** Opens the store and reads what was changed before. Call it again to see what another process changed. @throws StoreError */
  async open(): Promise<void> {
    await this.#options.store.open();
    for (const record of await this.#options.store.all()) this.#records.set(record.userId, record);
  }

  /** What the user set that holds now. Reads memory only. */
  overrides(user: Pick<User, 'id' | 'limits'>): User['limits'] {
    const record = this.#records.get(user.id);
    if (record === undefined) return user.limits;
    const { raised } = record;
    const isDue = raised !== undefined && this.#options.clock.nowMs() >= raised.effectiveAtMs;
    return { ...user.limits, ...record.limits, ...(isDue ? raised.limits : {}) };
  }

  /** What waits to hold, if anything. */
  waiting(userId: string): LimitRecord['raised'] {
    const raised = this.#records.get(userId)?.raised;
    return raised !== undefined && this.#options.clock.nowMs() < raised.effectiveAtMs ? raised : undefined;
  }

  /**
   * Changes limits. What is lowered holds at once, also when it then can not be kept; what is raised only when it was authenticated,
   * written to the audit log and kept.
   * @throws ValidationError `reauthentication.required`, `limits.invalid`. StoreError. ZodError for a limit that does not fit.
   */
  async change(request: LimitRequest): Promise<LimitChange> {
    const { user, wanted } = request;
    const current = limitsFor({ ...user, limits: this.overrides(user) }, this.#tiers);
    const change = limitChange(current, wanted, this.#options.clock.nowMs());
    // Wanted together they must be limits that can be used.
    limitsFor({ ...user, limits: { ...this.overrides(user), ...wanted } }, this.#tiers);
    const lowered = Object.keys(change.now).length > 0;
    if (lowered) this.#records.set(user.id, this.#lowered(user, change.now));
    const release = this.#options.clock.hold();
    try {
      await this.#queue.run(async () => {
        if (lowered) await this.#keepLowered(request, current, change);
        if (change.needsReauthentication) await this.#raise(request, current, change);
      });
      return change;
    } finally {
      release();
    }
  }

  /** A lower limit also ends a raise of it that waits. */
  #lowered(user: LimitRequest['user'], now: Partial<RiskLimits>): LimitRecord {
    const waiting = this.waiting(user.id);
    const limits = { ...this.overrides(user), ...now };
    const left = Object.entries(waiting?.limits ?? {}).filter(([name]) => !(name in now));
    return {
      userId: user.id,
      limits,
      ...(waiting === undefined || left.length === 0
        ? {}
        : { raised: { limits: Object.fromEntries(left), effectiveAtMs: waiting.effectiveAtMs } }),
    };
  }

  async #keepLowered(request: LimitRequest, current: RiskLimits, change: LimitChange): Promise<void> {
    const record = this.#records.get(request.user.id);
    if (record !== undefined) await this.#options.store.save(record);
    await this.#audit('limits.lowered', request, current, change.now);
  }

  async #raise(request: LimitRequest, current: RiskLimits, change: LimitChange): Promise<void> {
    const { user, reason, token } = request;
    const asked = { scope: `limits:${user.id}`, reason, ...(token === undefined ? {} : { token }) };
    await requireReauthentication(this.#options.reauthenticate, asked);
    await this.#audit('limits.raised', request, current, change.later, change.effectiveAtMs);
    const waiting = this.waiting(user.id);
    const record: LimitRecord = {
      userId: user.id,
      limits: { ...this.overrides(user) },
      raised: { limits: { ...waiting?.limits, ...change.later }, effectiveAtMs: change.effectiveAtMs },
    };
    await this.#options.store.save(record);
    this.#records.set(user.id, record);
  }

  async #audit(
    action: string,
    { user, actor, reason }: LimitRequest,
    current: RiskLimits,
    changed: Partial<RiskLimits>,
    effectiveAtMs?: number,
  ): Promise<void> {
    const before = Object.fromEntries(
      Object.keys(changed).map((name) => [name, current[name as keyof RiskLimits] ?? null]),
    );
    const details: Record<string, JsonValue> = { reason, before, after: { ...changed } };
    if (effectiveAtMs !== undefined) details.effectiveAtMs = effectiveAtMs;
    await this.#options.auditLog.append({ action, actor, subject: `user:${user.id}`, details });
  }
}
