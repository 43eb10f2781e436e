import type { Clock } from '@perpdesk/core';
import type { StepJournal } from './step-journal.ts';

/** An engine's name as a writer, and its sign of life. */
export class EngineLease {
  readonly ownerId: string;
  readonly leaseMs: number;
  readonly #journal: StepJournal;
  readonly #clock: Clock;
  #ownership: Promise<{ readonly owner: string; readonly epoch: number }> | undefined;
  #untilMs = 0;

  constructor(options: {
    readonly journal: StepJournal;
    readonly clock: Clock;
    readonly ownerId: string;
    readonly leaseMs: number;
  }) {
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.ownerId = options.ownerId;
    this.leaseMs = options.leaseMs;
  }

  /** The name this engine writes under; taken, with the tables made, at the first call. @throws StoreError, ConfigError */
  async owner(): Promise<string> {
    return (await this.#owned()).owner;
  }

  /** Renews the lease when half of it is over. False when a later engine has taken the name. @throws StoreError */
  async renew(): Promise<boolean> {
    const { epoch } = await this.#owned();
    const nowMs = this.#clock.nowMs();
    if (this.#untilMs - nowMs > this.leaseMs / 2) return true;
    const renewed = await this.#journal.renewLease(this.ownerId, epoch, nowMs + this.leaseMs);
    if (renewed) this.#untilMs = nowMs + this.leaseMs;
    return renewed;
  }

  /** Until when another writer's lease runs; 0 for earlier engines of this name, which are gone. */
  leaseOf(owner: string, leases: ReadonlyMap<string, number>): number {
    const ownerId = owner.slice(0, owner.lastIndexOf('#'));
    return ownerId === this.ownerId ? 0 : (leases.get(ownerId) ?? 0);
  }

  #owned(): Promise<{ readonly owner: string; readonly epoch: number }> {
    this.#ownership ??= this.#take().catch((error: unknown) => {
      this.#ownership = undefined;
      throw error;
    });
    return this.#ownership;
  }

  async #take(): Promise<{ readonly owner: string; readonly epoch: number }> {
    await this.#journal.migrate();
    const untilMs = this.#clock.nowMs() + this.leaseMs;
    const ownership = await this.#journal.takeOwnership(this.ownerId, untilMs);
    this.#untilMs = untilMs;
    return ownership;
  }
}
