import {
  type KeepWithDecision,
  type Logger,
  type OrderDecision,
  type OrderIntent,
  type Rejection,
  type RiskStep,
  silentLogger,
} from '@perpdesk/core';
import { newRiskRefused } from '../decision/new-risk.ts';
import { refusal } from '../decision/refusal.ts';
import { riskStep } from '../decision/step-result.ts';
import { entryControls, exitControls, type Judgement, judge } from '../order/judge.ts';
import type { EntryInput } from '../order/order-input.ts';
import { RecentOrders } from '../order/recent-orders.ts';
import { trips } from '../order/repeated-entries.ts';
import { parseIntent } from '../order/validity.ts';
import type { RiskState } from '../state/risk-state-store.ts';
import type { SerialQueue } from '../state/serial-queue.ts';
import type { BrixOptions } from './brix-options.ts';
import type { DeskInputs } from './desk-inputs.ts';
import { drawnEntry } from './drawn-entry.ts';
import { KeptEntry, unavailable } from './kept-entry.ts';
import { attempts, loadSnapshot } from './snapshot.ts';

/** Door 2's shell: an exit is judged on memory alone and at once; an entry in turn, with what it holds back committed first. */
export class OrderDoor {
  readonly #options: BrixOptions;
  readonly #inputs: DeskInputs;
  readonly #queue: SerialQueue;
  readonly #logger: Logger;
  readonly #recent: RecentOrders;

  constructor(options: BrixOptions, inputs: DeskInputs, queue: SerialQueue) {
    this.#options = options;
    this.#inputs = inputs;
    this.#queue = queue;
    this.#logger = options.logger ?? silentLogger;
    const { messageWindowMs, duplicateWindowMs } = inputs.orderLimits;
    this.#recent = new RecentOrders(Math.max(messageWindowMs, duplicateWindowMs));
  }

  /** Never throws. */
  async authorize(value: OrderIntent, options: { readonly keep?: KeepWithDecision } = {}): Promise<OrderDecision> {
    const atMs = this.#options.clock.nowMs();
    const parsed = parseIntent(value);
    if (!parsed.ok) {
      const step = riskStep('validity', {}, { rejected: parsed.rejection.code }, parsed.rejection.message);
      return refusedOrder(`decision:order:${atMs}`, { rejection: parsed.rejection, steps: [step] });
    }
    const { intent } = parsed;
    const id = `decision:${intent.clientOrderId}:${atMs}`;
    const kept = new KeptEntry(this.#options, { intent, decisionId: id, keep: options.keep, logger: this.#logger });
    const release = this.#options.clock.hold();
    try {
      const judgement = intent.reduceOnly
        ? this.#judgeExit(intent, atMs)
        : await this.#queue.run(() => this.#judgeEntry(intent, atMs, kept));
      // New risk is written down before it may go out.
      const refused = judgement.rejection ?? (intent.reduceOnly ? undefined : await kept.audit());
      if (refused !== undefined) return refusedOrder(id, { rejection: refused, steps: judgement.steps });
      // Asked again with no wait between answer and signature: a halt that came while the books were kept counts.
      const late = intent.reduceOnly ? undefined : newRiskRefused(this.#inputs.guard(intent));
      if (late !== undefined) {
        const step = riskStep('before-signing', {}, { rejected: late.code }, late.message);
        return refusedOrder(id, { rejection: late, steps: [...judgement.steps, step] });
      }
      const { expiresAtMs } = kept;
      const order = this.#options.authority.mint(intent, id, expiresAtMs === undefined ? {} : { expiresAtMs });
      if (intent.reduceOnly) void this.#auditBeside(kept);
      return { outcome: 'approved', id, order, steps: judgement.steps };
    } catch (error) {
      this.#logger.error({ error, clientOrderId: intent.clientOrderId }, 'an order could not be judged');
      return refusedOrder(id, { rejection: unavailable('risk-state.unavailable', error), steps: [] });
    } finally {
      release();
    }
  }

  #judgeExit(intent: OrderIntent, atMs: number): Judgement {
    const judgement = judge(exitControls, this.#inputs.exit(intent, this.#recent, atMs));
    if (judgement.rejection === undefined) this.#recent.add(intent, atMs);
    return judgement;
  }

  async #judgeEntry(intent: OrderIntent, atMs: number, kept: KeptEntry): Promise<Judgement> {
    const { store, users, controls = [] } = this.#options;
    const user = await users.get(intent.userId);
    if (user === undefined)
      return refusedAt(
        'user',
        refusal('order.invalid', 'There is no such user.', 'a known user', intent.userId.slice(0, 80)),
      );
    const limits = this.#inputs.limitsRefused(user);
    if (limits !== undefined) return refusedAt('limits', limits);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const { states, usedNotional, operatorVersion } = await loadSnapshot(this.#options, this.#inputs, [user], {
        except: intent.clientOrderId,
      });
      const [state] = states;
      if (state === undefined) break;
      const input = this.#inputs.entry(intent, user, state, { recent: this.#recent, usedNotional, atMs });
      const judgement = judge([...entryControls, ...controls], input);
      if (judgement.rejection !== undefined) {
        await this.#trip(input, state);
        return judgement;
      }
      const drawn = drawnEntry(input);
      if ('code' in drawn) return { rejection: drawn, steps: judgement.steps };
      const change = { userId: user.id, expectedVersion: state.version, ...drawn };
      const version = operatorVersion === undefined ? {} : { operatorVersion };
      try {
        const [committed] = await store.commit([change], { ...version, alongside: kept.writeIn });
        if (committed !== true) continue;
      } catch (error) {
        if (kept.refused === undefined) throw error;
        return { rejection: kept.refused, steps: judgement.steps };
      }
      this.#recent.add(intent, atMs);
      return judgement;
    }
    return refusedAt(
      'commit',
      refusal('risk-version.conflict', 'The account changed at every try.', attempts, attempts),
    );
  }

  /** Remembers that a market's automated entries wait for a human. */
  async #trip(input: EntryInput, state: RiskState): Promise<void> {
    const market = input.instrument?.market;
    if (market === undefined || !trips(input) || state.memory.tripped.includes(market)) return;
    const memory = { ...state.memory, tripped: [...state.memory.tripped, market] };
    await this.#options.store.commit([{ userId: state.userId, expectedVersion: state.version, memory }]);
  }

  /** An exit is written down beside the act, which does not wait for it. */
  async #auditBeside(kept: KeptEntry): Promise<void> {
    const release = this.#options.clock.hold();
    await kept.audit();
    release();
  }
}

const refusedOrder = (
  id: string,
  judgement: { readonly rejection: Rejection; readonly steps: readonly RiskStep[] },
): OrderDecision => ({
  outcome: 'rejected',
  id,
  ...judgement,
});

const refusedAt = (step: string, rejection: Rejection): Judgement => ({
  rejection,
  steps: [riskStep(step, {}, { rejected: rejection.code }, rejection.message)],
});
