import {
  type Guidance,
  type JsonValue,
  type Order,
  type Price,
  type Rejection,
  type Signal,
  toPrice,
  toSize,
  type Usd,
  type WorkflowContext,
  zeroSize,
} from '@perpdesk/core';
import { exampleInstrument } from '../../paper/example-paper.ts';
import { type EntryLegIntent, entryIntents } from '../entry-intents.ts';
import { exampleGuidance, exampleSignal } from '../example-signal.ts';
import type { LegFill } from '../leg-book.ts';
import type { EditedPlan, TradeActs, TradeInput, TradePlan, TradeResult, Verdict } from '../trade-acts-port.ts';
import type { Closing, LegNews, TradeMessage } from '../trade-messages.ts';
import { tradeWorkflow } from '../trade-workflow.ts';

/** More than any trade of these tests waits: one that goes round and round ends here. */
const mostWaits = 500;

type Sent = Awaited<ReturnType<TradeActs['send']>>;

/**
 * A trade's workflow on a clock of its own, which goes as fast as the workflow waits: what it does stands in `log`, with its
 * instant in ms; what it is told is scripted. Ids are the names of their steps.
 */
export class ScriptedTrade {
  readonly log: string[] = [];
  readonly input: TradeInput;
  nowMs = 0;
  /** Where the touch is at an instant; null: no fresh price. */
  touchAt: (nowMs: number) => Price | null = () => toPrice(59_995);
  worst: Price = toPrice(60_060);
  /** What becomes of what is sent; default: it rests. */
  onSend: (leg: EntryLegIntent, clientOrderId: string) => Sent | Promise<Sent> = (leg, id) => resting(leg, id);
  /** What a cancellation finds; default: it is taken, and its end is told at once. */
  onCancel: (clientOrderId: string) => LegNews | null = (id) => {
    this.tell(this.nowMs, { kind: 'order', clientOrderId: id, status: 'canceled', filledSize: zeroSize });
    return null;
  };
  onRecheck: () => { readonly held: boolean; readonly closings: readonly Closing[] } = () => ({
    held: true,
    closings: [],
  });
  verdict: Verdict = { verdict: 'approved' };
  /** What comes of an edit, and of its judgement by Brix; default: what was asked for. */
  onEdit: (edited: EditedPlan) => EditedPlan = (edited) => edited;
  onRevise: (edited: EditedPlan) => EditedPlan = (edited) => edited;
  /** Why a policy keeps an order back; default: none does. */
  holds: (clientOrderId: string) => Rejection | undefined = () => undefined;
  judged: { readonly rejection?: Rejection } = {};
  /** The plan that the user's answer was judged on. */
  judgedPlan: TradePlan | undefined;
  /** What is left of the reservation; default: what was asked to remain. */
  onRelease: (remaining: Usd | undefined, legs: readonly LegFill[]) => Usd | null = (remaining) => remaining ?? null;
  readonly abort = new AbortController();
  #waits = 0;
  readonly #mail: { readonly atMs: number; readonly topic: string; readonly payload: JsonValue }[] = [];
  /** The names of its steps and waits, in order: what its journal has, which another version must keep. */
  readonly steps: string[] = [];

  constructor(guidance: Guidance | Guidance['legs'], signal: Partial<Signal> = {}) {
    this.input = {
      signal: exampleSignal(signal),
      guidance: 'signalId' in guidance ? guidance : exampleGuidance(guidance),
      traceId: 'trace:1',
      causationId: 'event:1',
    };
  }

  /** Has the trade told of something at an instant. */
  tell(atMs: number, message: TradeMessage): void {
    this.post(atMs, 'trade', { ...message });
  }

  post(atMs: number, topic: string, payload: JsonValue): void {
    this.#mail.push({ atMs, topic, payload });
  }

  /** Tells of a fill of an entry order. */
  fill(atMs: number, clientOrderId: string, filledSize: number | string, status: Order['status'] = 'filled'): void {
    this.tell(atMs, { kind: 'order', clientOrderId, status, filledSize: toSize(filledSize) });
  }

  async run(): Promise<JsonValue> {
    return tradeWorkflow(this.#acts()).run(this.#context(), JSON.parse(JSON.stringify(this.input)));
  }

  #note(what: string): void {
    this.log.push(`${this.nowMs} ${what}`);
  }

  #context(): WorkflowContext {
    return {
      runId: 'trade:1',
      signal: this.abort.signal,
      id: (step) => step,
      step: async (name, fn) => {
        if (this.steps.includes(name)) throw new TypeError(`Two steps are named ${name}.`);
        this.steps.push(name);
        return fn();
      },
      sleep: async (name, durationMs) => {
        this.steps.push(name);
        this.nowMs += durationMs;
      },
      now: async (name) => {
        this.steps.push(name);
        return this.nowMs;
      },
      receive: async (topic, timeoutMs) => {
        this.#waits += 1;
        if (this.#waits > mostWaits) throw new TypeError('The trade waits for ever.');
        const until = timeoutMs === undefined ? Number.POSITIVE_INFINITY : this.nowMs + timeoutMs;
        const due = this.#mail
          .filter((mail) => mail.topic === topic && mail.atMs <= until)
          .sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) {
          if (timeoutMs === undefined) throw new TypeError(`Nothing ever comes for ${topic}.`);
          this.nowMs = until;
          return undefined;
        }
        this.#mail.splice(this.#mail.indexOf(due), 1);
        this.nowMs = Math.max(this.nowMs, due.atMs);
        return due.payload;
      },
    };
  }

  #acts(): TradeActs {
    return {
      decide: async () => this.verdict,
      judge: async (plan, answer) => {
        this.judgedPlan = plan;
        this.#note(`judge ${answer.answer}`);
        return this.judged;
      },
      edit: async ({ signal, guidance }, { edit }) => {
        this.#note(`edit to ${edit.size}`);
        return this.onEdit({ signal: { ...signal, size: edit.size ?? signal.size }, guidance, editedAt: 60_000 });
      },
      revise: async ({ signal, guidance, editedAt = 0 }) => {
        this.#note(`revise to ${signal.size}`);
        return this.onRevise({ signal, guidance, editedAt });
      },
      held: async (_input, _leg, clientOrderId) => {
        const rejection = this.holds(clientOrderId);
        if (rejection === undefined) return {};
        this.#note(`held ${clientOrderId}`);
        return { rejection };
      },
      approved: async (_input, by) => this.#note(`approved by ${by}`),
      declined: async (_input, rejection) => this.#note(`declined ${rejection.code}`),
      prepare: async ({ signal, guidance, traceId }) =>
        entryIntents(signal, guidance, exampleInstrument(), { tradeId: 'trade:1', traceId }),
      send: async (leg, clientOrderId) => {
        const { type, size, price, timeInForce } = leg.intent;
        this.#note(`send ${clientOrderId} ${type} ${size} @${price ?? 'none'} ${timeInForce}`);
        return this.onSend(leg, clientOrderId);
      },
      touch: async () => ({ price: this.touchAt(this.nowMs), worst: this.worst }),
      cancel: async (_input, clientOrderId) => {
        this.#note(`cancel ${clientOrderId}`);
        return this.onCancel(clientOrderId);
      },
      release: async (_input, remaining, legs) => {
        this.#note(`release to ${remaining ?? 'nothing'}`);
        return this.onRelease(remaining, legs);
      },
      recheck: async () => {
        this.#note('recheck');
        return this.onRecheck();
      },
      settle: async (_input, result: TradeResult) => this.#note(`settle ${result.outcome}`),
    };
  }
}

/** A leg that the venue has taken and that rests. */
export const resting = (leg: EntryLegIntent, clientOrderId: string, changes: Partial<Order> = {}): Sent => ({
  outcome: 'accepted',
  order: {
    ...leg.intent,
    clientOrderId,
    status: 'open',
    filledSize: zeroSize,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...changes,
  },
});
