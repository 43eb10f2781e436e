import {
  type DomainEvent,
  type DomainEventMap,
  type Health,
  type Logger,
  type Order,
  type Release,
  type Service,
  silentLogger,
  type Unsubscribe,
  ValidationError,
  type WorkflowEngine,
  type WorkflowRun,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import type { PositionCloser } from '../controls/position-closer.ts';
import { executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import { type ApprovalEdit, approvalEditSchema } from './approval-edit.ts';
import { ApprovalStore, type PendingApproval } from './approval-store.ts';
import { closingsOf } from './closings.ts';
import { type EditOutcome, EditOutcomes } from './edit-outcomes.ts';
import { type ReverseInput, reverseWorkflow } from './reverse-workflow.ts';
import { createTradeActs } from './trade-acts.ts';
import type { TradeInput } from './trade-acts-port.ts';
import { type ApprovalAnswer, type EditRequest, type TradeMessage, tradeTopics } from './trade-messages.ts';
import { type TradeParts, tradeIdOf } from './trade-parts.ts';
import { tradeWorkflow } from './trade-workflow.ts';

type OwnParts = 'approvals' | 'editOutcomes' | 'armApproval' | 'approvalTimeoutMs';

/** Options of {@link TradeService}. */
export interface TradeServiceOptions extends Omit<TradeParts, OwnParts> {
  readonly engine: WorkflowEngine;
  readonly closer: PositionCloser;
  readonly database: Database;
  /** How long a user has to answer. Default 15 minutes of wall time. */
  readonly approvalTimeoutMs?: number;
  /** How long an edit waits to be told what came of it. Default 30 s of wall time. */
  readonly editTimeoutMs?: number;
  /** How often orders of unknown outcome are asked after, while there are any. Default 5 s. */
  readonly resolveMs?: number;
  readonly logger?: Logger;
}

const followed = ['guidance.published', 'order.filled', 'order.canceled', 'order.rejected', 'position.closed'] as const;

/** Runs one durable trade per signal, tells it what its orders and its position do, and takes users' answers. */
export class TradeService implements Service {
  readonly name = 'workflow';
  readonly #options: TradeServiceOptions;
  readonly #approvals: ApprovalStore;
  readonly #edits: EditOutcomes;
  readonly #logger: Logger;
  readonly #timers = new Map<string, Release>();
  readonly #unsubscribes: Unsubscribe[] = [];
  #cancelResolve: Release | undefined;
  #resolving: Promise<void> = Promise.resolve();
  #running = false;

  constructor(options: TradeServiceOptions) {
    this.#options = options;
    this.#approvals = new ApprovalStore(options.database);
    this.#edits = new EditOutcomes({ wallClock: options.wallClock, timeoutMs: options.editTimeoutMs ?? 30_000 });
    this.#logger = options.logger ?? silentLogger;
    options.engine.define(reverseWorkflow(options));
    options.engine.define(
      tradeWorkflow(
        createTradeActs({
          ...options,
          approvals: this.#approvals,
          editOutcomes: this.#edits,
          approvalTimeoutMs: options.approvalTimeoutMs ?? 900_000,
          armApproval: (signalId, expiresAtMs) => this.#arm(signalId, expiresAtMs),
        }),
      ),
    );
  }

  /** Finds out what became of orders, goes on with every trade an earlier process left. @throws StoreError */
  async start(): Promise<void> {
    const { database, engine, eventBus, orderDesk } = this.#options;
    await migrate(database, { namespace: executionNamespace, migrations: executionMigrations });
    this.#running = true;
    if ((await orderDesk.resolveUnsettled()) > 0) this.#resolveLater();
    this.#unsubscribes.push(
      orderDesk.watch((order) => {
        if (order.status === 'unresolved') this.#resolveLater();
      }),
    );
    for (const { signal, expiresAtMs } of await this.#approvals.list()) this.#arm(signal.id, expiresAtMs);
    const recovered = await engine.recover();
    if (recovered > 0) this.#logger.info({ recovered }, 'trades go on');
    this.#unsubscribes.push(eventBus.subscribe({ group: this.name, types: followed }, (event) => this.#hear(event)));
  }

  async stop(): Promise<void> {
    this.#running = false;
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#edits.close();
    this.#cancelResolve?.();
    this.#cancelResolve = undefined;
    await this.#resolving;
  }

  health(): Health {
    return this.#running ? { status: 'healthy' } : { status: 'stopped' };
  }

  /** What waits for a user's answer. */
  fetchApprovals(userId: string): Promise<readonly PendingApproval[]> {
    return this.#approvals.list(userId);
  }

  /**
   * Approves exactly what the hash names; another hash, one from before an edit too, declines the signal.
   * @throws ValidationError `approval.unknown` when nothing of this user waits under it, `approval.expired` when it is too late.
   */
  async approve(userId: string, signalId: string, contentHash: string): Promise<void> {
    const { expiresAtMs } = await this.#owned(userId, signalId);
    if (this.#options.wallClock.nowMs() < expiresAtMs)
      return this.#answer(signalId, { answer: 'approved', contentHash });
    await this.#answer(signalId, { answer: 'expired' });
    throw tooLate(signalId);
  }

  /** Declines a signal. @throws ValidationError `approval.unknown` */
  async decline(userId: string, signalId: string, reason: string): Promise<void> {
    await this.#owned(userId, signalId);
    await this.#answer(signalId, { answer: 'declined', reason: reason.slice(0, 300) });
  }

  /**
   * Changes what waits for an answer, if Brix lets the changed plan pass: it then waits under a new hash, the old one approves
   * nothing any more, and the time to answer stays. An edit is of exactly what its hash names; what is refused stays as it was.
   * @throws ValidationError `approval.unknown`, `approval.expired`, `approval.edit-invalid`; StoreError.
   */
  async edit(userId: string, signalId: string, contentHash: string, edit: ApprovalEdit): Promise<EditOutcome> {
    const parsed = approvalEditSchema.safeParse(edit);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = issue?.path.join('.') || 'edit';
      throw new ValidationError('approval.edit-invalid', `The edit is not valid: ${where}: ${issue?.message}.`);
    }
    const { expiresAtMs } = await this.#owned(userId, signalId);
    if (this.#options.wallClock.nowMs() >= expiresAtMs) throw tooLate(signalId);
    const { outcome, requestId } = this.#edits.expect(signalId);
    const request: EditRequest = { answer: 'edited', requestId, contentHash, edit: parsed.data };
    try {
      await this.#options.engine.signal(tradeIdOf({ id: signalId }), tradeTopics.approval, request, requestId);
      // Answered meanwhile, it is read by nobody.
      if ((await this.#approvals.get(signalId)) === undefined) this.#edits.answered(signalId);
    } catch (error) {
      this.#edits.tell(requestId, { outcome: 'unknown' });
      throw error;
    }
    return outcome;
  }

  /**
   * Closes a position and opens the opposite one, as two orders that Brix judges. Asked again under the same request id it
   * gives the reversal there is. @throws StoreError
   */
  reverse(requestId: string, input: ReverseInput): Promise<WorkflowRun> {
    return this.#options.engine.start('reverse', `reverse:${input.userId}:${requestId}`, { ...input });
  }

  async #owned(userId: string, signalId: string): Promise<PendingApproval> {
    const approval = await this.#approvals.get(signalId);
    if (approval?.signal.userId !== userId)
      throw new ValidationError('approval.unknown', `No signal "${signalId}" waits for an answer.`);
    return approval;
  }

  /** The first answer counts: all have one key. */
  async #answer(signalId: string, answer: ApprovalAnswer): Promise<void> {
    await this.#options.engine.signal(tradeIdOf({ id: signalId }), tradeTopics.approval, answer, 'answer');
    this.#timers.get(signalId)?.();
    this.#timers.delete(signalId);
  }

  #arm(signalId: string, expiresAtMs: number): void {
    if (!this.#running) return;
    const { wallClock } = this.#options;
    this.#timers.get(signalId)?.();
    const cancel = wallClock.setTimer(expiresAtMs - wallClock.nowMs(), () => {
      this.#answer(signalId, { answer: 'expired' }).catch((error: unknown) => {
        this.#logger.error({ error, signalId }, 'an approval could not expire, it is tried again');
        this.#arm(signalId, wallClock.nowMs() + retryExpiryMs);
      });
    });
    this.#timers.set(signalId, cancel);
  }

  async #hear(event: DomainEvent<(typeof followed)[number]>): Promise<void> {
    switch (event.type) {
      case 'guidance.published': {
        const { signal, guidance } = event.payload;
        const input: TradeInput = { signal, guidance, traceId: event.traceId, causationId: event.id };
        await this.#options.engine.start('trade', tradeIdOf(signal), { ...input });
        return;
      }
      case 'order.filled':
        await this.#tellNetted(event.payload, event.id);
        return this.#tell(event.payload.order, event.id);
      case 'order.canceled':
      case 'order.rejected':
        return this.#tell(event.payload, event.id);
      case 'position.closed':
        for (const { tradeId, ...closing } of closingsOf(event.id, event.payload))
          await this.#send(tradeId, { kind: 'closed', ...closing }, event.id);
    }
  }

  async #tell({ clientOrderId, filledSize, purpose, status, tradeId }: Order, eventId: string): Promise<void> {
    if (tradeId === undefined || purpose !== 'entry') return;
    await this.#send(tradeId, { kind: 'order', clientOrderId, status, filledSize }, eventId);
  }

  /** Tells a trade what of its entry is in no position that it will hear the end of. */
  async #tellNetted({ netted, order }: DomainEventMap['order.filled'], id: string): Promise<void> {
    if (netted === undefined || order.tradeId === undefined) return;
    await this.#send(order.tradeId, { kind: 'netted', id, size: netted }, `${id}:netted`);
  }

  /** A run is there before its first order is: who has none is no trade of ours. */
  async #send(tradeId: string, message: TradeMessage, dedupKey: string): Promise<void> {
    if ((await this.#options.engine.get(tradeId)) === undefined) return;
    await this.#options.engine.signal(tradeId, tradeTopics.trade, message, dedupKey);
  }

  #resolveLater(): void {
    const { clock, orderDesk, resolveMs = 5_000 } = this.#options;
    if (!this.#running || this.#cancelResolve !== undefined) return;
    this.#cancelResolve = clock.setTimer(resolveMs, () => {
      this.#cancelResolve = undefined;
      const release = clock.hold();
      this.#resolving = orderDesk
        .resolveUnsettled()
        .then((left) => {
          if (left > 0) this.#resolveLater();
        })
        .catch((error: unknown) => {
          this.#logger.error({ error }, 'orders of unknown outcome could not be looked up');
          this.#resolveLater();
        })
        .finally(release);
    });
  }
}

const tooLate = (signalId: string): ValidationError =>
  new ValidationError('approval.expired', `The time to answer for the signal "${signalId}" is over.`);

/** Pause before an expiry that could not be kept is tried again. */
const retryExpiryMs = 1_000;
