import {
  type DomainEvent,
  type Health,
  type Logger,
  type Order,
  type Service,
  silentLogger,
  type Unsubscribe,
  ValidationError,
  type WorkflowEngine,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import { executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import { ApprovalStore, type PendingApproval } from './approval-store.ts';
import { createTradeActs, type TradeParts, tradeIdOf } from './trade-acts.ts';
import { type ApprovalAnswer, type TradeMessage, tradeTopics } from './trade-messages.ts';
import { type TradeInput, tradeWorkflow } from './trade-workflow.ts';

/** Options of {@link TradeService}. */
export interface TradeServiceOptions extends Omit<TradeParts, 'approvals' | 'armApproval' | 'approvalTimeoutMs'> {
  readonly engine: WorkflowEngine;
  readonly database: Database;
  /** How long a user has to answer. Default 15 minutes of wall time. */
  readonly approvalTimeoutMs?: number;
  readonly logger?: Logger;
}

const followed = ['guidance.published', 'order.filled', 'order.canceled', 'order.rejected', 'position.closed'] as const;

/** Runs one durable trade per signal, tells it what its orders and its position do, and takes users' answers. */
export class TradeService implements Service {
  readonly name = 'workflow';
  readonly #options: TradeServiceOptions;
  readonly #approvals: ApprovalStore;
  readonly #logger: Logger;
  readonly #timers = new Map<string, () => void>();
  #unsubscribe: Unsubscribe | undefined;
  #health: Health = { status: 'stopped' };

  constructor(options: TradeServiceOptions) {
    this.#options = options;
    this.#approvals = new ApprovalStore(options.database);
    this.#logger = options.logger ?? silentLogger;
    options.engine.define(
      tradeWorkflow(
        createTradeActs({
          ...options,
          approvals: this.#approvals,
          approvalTimeoutMs: options.approvalTimeoutMs ?? 900_000,
          armApproval: (signalId, expiresAtMs) => this.#arm(signalId, expiresAtMs),
        }),
      ),
    );
  }

  async start(): Promise<void> {
    const { engine, eventBus, orderDesk } = this.#options;
    await migrate(this.#options.database, { namespace: executionNamespace, migrations: executionMigrations });
    await orderDesk.resolveUnsettled();
    const recovered = await engine.recover();
    if (recovered > 0) this.#logger.info({ recovered }, 'trades go on');
    for (const { signal, expiresAtMs } of await this.#approvals.list()) this.#arm(signal.id, expiresAtMs);
    this.#unsubscribe = eventBus.subscribe({ group: this.name, types: followed }, (event) => this.#hear(event));
    this.#health = { status: 'healthy' };
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#health = { status: 'stopped' };
  }

  health(): Health {
    return this.#health;
  }

  /** What waits for a user's answer. */
  fetchApprovals(userId: string): Promise<readonly PendingApproval[]> {
    return this.#approvals.list(userId);
  }

  /** Approves exactly what the hash names. @throws ValidationError `approval.unknown` when nothing of this user waits under it. */
  async approve(userId: string, signalId: string, contentHash: string): Promise<void> {
    await this.#owned(userId, signalId);
    await this.#answer(signalId, { answer: 'approved', contentHash });
  }

  /** Declines a signal. @throws ValidationError `approval.unknown` */
  async decline(userId: string, signalId: string, reason: string): Promise<void> {
    await this.#owned(userId, signalId);
    await this.#answer(signalId, { answer: 'declined', reason: reason.slice(0, 300) });
  }

  async #owned(userId: string, signalId: string): Promise<void> {
    const approval = await this.#approvals.get(signalId);
    if (approval?.signal.userId !== userId)
      throw new ValidationError('approval.unknown', `No signal "${signalId}" waits for an answer.`);
  }

  /** The first answer counts: all have one key. */
  async #answer(signalId: string, answer: ApprovalAnswer): Promise<void> {
    this.#timers.get(signalId)?.();
    this.#timers.delete(signalId);
    await this.#options.engine.signal(tradeIdOf({ id: signalId }), tradeTopics.approval, answer, 'answer');
  }

  #arm(signalId: string, expiresAtMs: number): void {
    const { wallClock } = this.#options;
    const cancel = wallClock.setTimer(expiresAtMs - wallClock.nowMs(), () => {
      this.#answer(signalId, { answer: 'expired' }).catch((error: unknown) =>
        this.#logger.error({ error, signalId }, 'an approval could not expire'),
      );
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
        return this.#tell(event.payload.order, event.id);
      case 'order.canceled':
      case 'order.rejected':
        return this.#tell(event.payload, event.id);
      case 'position.closed': {
        const { tradeId, realizedPnl, fees, funding } = event.payload;
        if (tradeId !== undefined) await this.#send(tradeId, { kind: 'closed', realizedPnl, fees, funding }, event.id);
      }
    }
  }

  async #tell(order: Order, eventId: string): Promise<void> {
    if (order.tradeId === undefined || order.purpose !== 'entry') return;
    const { clientOrderId, status, filledSize } = order;
    await this.#send(order.tradeId, { kind: 'order', clientOrderId, status, filledSize }, eventId);
  }

  async #send(tradeId: string, message: TradeMessage, dedupKey: string): Promise<void> {
    if ((await this.#options.engine.get(tradeId)) === undefined) return;
    await this.#options.engine.signal(tradeId, tradeTopics.trade, message, dedupKey);
  }
}
