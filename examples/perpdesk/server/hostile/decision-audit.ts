import {
  Decimal,
  type DomainEvent,
  type DomainEventType,
  type EventBus,
  type OrderIntent,
  type Recommendation,
  type SensingAgent,
  type Signal,
  type User,
} from '@perpdesk/core';
import type { RunLog } from '../simulation/run-log.ts';
import type { HostileCall } from './hostile-model.ts';
import { inventedFeature, inventedNumber } from './hostile-play.ts';

/** How long a round may take, ms. */
const roundMs = 30_000;
/** What may say what was made up, to say that it was. */
const mayQuote: ReadonlySet<string> = new Set(['agent.failed']);

/** A number that stands by itself: a quotient may hold the same digits. */
const invented = new RegExp(`(?<![\\d.])${inventedNumber}(?!\\d)|${inventedFeature}`);

const heard = [
  'opinion.published',
  'agent.failed',
  'round.opened',
  'round.concluded',
  'recommendation.published',
  'signal.issued',
  'signal.approved',
  'guidance.published',
  'listener.failed',
  'service.failed',
] as const satisfies readonly DomainEventType[];

/** Options of {@link DecisionAudit}. */
export interface DecisionAuditOptions {
  readonly log: RunLog;
  readonly nowMs: () => number;
  readonly markOf: (instrumentId: string) => number | undefined;
  readonly users: readonly User[];
  /** Agents of the same kind over the same market, by rules: what is not adopted from a model has to be as they say it. */
  readonly shadows: readonly SensingAgent[];
}

/** What became of the rounds. */
export interface RoundFigures {
  readonly held: number;
  readonly published: number;
  readonly byModel: number;
  readonly byRules: number;
  readonly longestRoundMs: number;
  readonly signals: number;
}

/** Watches all that is decided, by no code of those who decide, and says what must not be. */
export class DecisionAudit {
  readonly #options: DecisionAuditOptions;
  readonly #openedAtMs = new Map<string, number>();
  readonly #degraded = new Map<string, ReadonlySet<string>>();
  readonly #failures: { readonly agent: string; readonly atMs: number }[] = [];
  readonly #signals = new Map<string, Signal>();
  readonly #approvedBy = new Map<string, 'user' | 'autonomy'>();
  readonly #answered = new Set<string>();
  readonly #guided: { readonly userId: string; readonly atMs: number; readonly source: string | undefined }[] = [];
  readonly #work: Promise<void>[] = [];
  #held = 0;
  #published = 0;
  #byModel = 0;
  #byRules = 0;
  #longestRoundMs = 0;

  constructor(options: DecisionAuditOptions) {
    this.#options = options;
  }

  get figures(): RoundFigures {
    return {
      ...{ held: this.#held, published: this.#published, byModel: this.#byModel, byRules: this.#byRules },
      ...{ longestRoundMs: this.#longestRoundMs, signals: this.#signals.size },
    };
  }

  /** Somebody approves a signal by hand. */
  answers(signalId: string): void {
    this.#answered.add(signalId);
  }

  follow(bus: EventBus): void {
    bus.subscribe({ group: 'decision-audit', types: heard }, (event) => {
      const work = this.#hear(event).catch((error: unknown) => this.#wrong('audit', String(error)));
      this.#work.push(work);
      return work;
    });
  }

  /** Judges an entry as it leaves: who let it? */
  sent({ purpose, reduceOnly, tradeId, userId }: OrderIntent): void {
    if (reduceOnly || purpose !== 'entry') return;
    const id = tradeId?.replace(/^trade:/, '') ?? '';
    const by = this.#approvedBy.get(id);
    const signal = this.#signals.get(id);
    const user = this.#options.users.find((each) => each.id === userId);
    if (by === undefined || signal === undefined || user === undefined)
      return this.#wrong('unapproved entry', `${id} of ${userId}`);
    if (by === 'user') {
      if (!this.#answered.has(id)) this.#wrong('approved by nobody', id);
      return;
    }
    const { autonomy, bounds } = user;
    if (autonomy === 'suggest' || autonomy === 'monitor') this.#wrong('autonomy', `${id} of ${userId}, who is asked`);
    if (autonomy !== 'auto-bounded') return;
    if (new Decimal(signal.notional).greaterThan(bounds.maxNotional) || signal.confidence < bounds.minConfidence)
      this.#wrong('autonomy', `${id} beyond the bounds of ${userId}`);
  }

  /** What was asked of models has to have left its trace. Call when all is over. */
  async judgeCalls(calls: readonly HostileCall[]): Promise<void> {
    await Promise.all(this.#work);
    for (const [key] of this.#openedAtMs) this.#wrong('round without end', key);
    for (const { agent, atMs, manner, mustFail, play, roundKey, userId } of calls) {
      if (!mustFail) continue;
      const told =
        agent === 'koda'
          ? this.#guided.some((each) => each.userId === userId && each.atMs >= atMs && each.source === 'rules')
          : roundKey === undefined
            ? this.#failures.some((each) => each.agent === agent && each.atMs >= atMs && each.atMs < atMs + 15_000)
            : this.#degraded.get(roundKey)?.has(agent) === true;
      if (!told) this.#wrong('cause untold', `${agent}, ${play}, ${manner}, ${roundKey ?? 'opinion'} at ${atMs}`);
    }
  }

  /** What nobody gave is nowhere but where it is said that it was made up; settings are nobody's to change here. */
  judgeEvent({ payload, type }: { readonly type: string; readonly payload: string }): void {
    if (!mayQuote.has(type) && invented.test(payload)) this.#wrong('made up', `${type}: ${payload.slice(0, 200)}`);
    if (type === 'trading-state.changed' && payload.includes('"state":"active"')) this.#wrong('settings', payload);
  }

  async #hear(event: DomainEvent<(typeof heard)[number]>): Promise<void> {
    switch (event.type) {
      case 'opinion.published':
        return this.#judgeOpinion(event);
      case 'agent.failed':
        this.#failures.push({ agent: event.payload.agent, atMs: this.#options.nowMs() });
        if (!event.payload.fellBack)
          this.#wrong(
            'an agent lost by its model',
            `${event.payload.agent}: ${event.payload.code}, ${event.payload.message}`,
          );
        return;
      case 'round.opened':
        this.#openedAtMs.set(event.payload.key, this.#options.nowMs());
        return;
      case 'round.concluded': {
        const { round, degraded = [] } = event.payload;
        const tookMs = this.#options.nowMs() - (this.#openedAtMs.get(round.key) ?? 0);
        this.#openedAtMs.delete(round.key);
        this.#held += 1;
        this.#longestRoundMs = Math.max(this.#longestRoundMs, tookMs);
        if (tookMs > roundMs) this.#wrong('round too long', `${round.key}: ${tookMs} ms`);
        this.#degraded.set(round.key, new Set(degraded.map(({ agent }) => agent)));
        return;
      }
      case 'recommendation.published':
        return this.#judgePlan(event.payload);
      case 'signal.issued':
        this.#signals.set(event.payload.id, event.payload);
        return;
      case 'signal.approved':
        this.#approvedBy.set(event.payload.signalId, event.payload.by);
        return;
      case 'guidance.published': {
        const { guidance, signal } = event.payload;
        this.#guided.push({ userId: signal.userId, atMs: this.#options.nowMs(), source: guidance.source });
        const total = guidance.legs.reduce((sum, leg) => sum.plus(leg.fraction), new Decimal(0));
        if (guidance.legs.length > 0 && !total.equals(1))
          this.#wrong('guidance', `${signal.id}: legs of ${total.toFixed()}`);
        return;
      }
      case 'listener.failed':
      case 'service.failed':
        return this.#wrong('something failed', JSON.stringify(event.payload));
      default:
        return;
    }
  }

  async #judgeOpinion({ payload: opinion }: DomainEvent<'opinion.published'>): Promise<void> {
    const { agent, atMs, instrumentId, market, ruled, source } = opinion;
    if (source === 'model') this.#byModel += 1;
    else this.#byRules += 1;
    const shadow = this.#options.shadows.find(({ name }) => name === agent);
    const said = await shadow?.opine({ market, instrumentId, atMs, deadlineMs: 12_000 });
    if (said === undefined) return this.#wrong('opinion of nobody', `${agent} ${market} ${atMs}`);
    if (source === 'rules' && JSON.stringify(said) !== JSON.stringify(opinion))
      this.#wrong('rules disturbed', `${agent} ${market} ${atMs}`);
    const { confidence, direction, score } = said;
    if (source === 'model' && JSON.stringify(ruled) !== JSON.stringify({ direction, score, confidence }))
      this.#wrong('rules disturbed', `${agent} ${market} ${atMs}: what they said beside the model`);
  }

  #judgePlan(plan: Recommendation): void {
    this.#published += 1;
    const sign = plan.direction === 'long' ? 1 : -1;
    const entry = Number(plan.entry);
    const risk = sign * (entry - Number(plan.stopLoss));
    const mark = this.#options.markOf(plan.instrumentId) ?? Number.NaN;
    const wrong = (what: string): void => this.#wrong('plan', `${plan.roundKey}: ${what}`);
    if (!(risk > 0.9 * plan.atr && risk < 4.1 * plan.atr)) wrong(`a stop ${risk / plan.atr} ATR away`);
    if (!(Math.abs(entry / mark - 1) < 0.01)) wrong(`entry ${entry} at ${mark}`);
    for (const { price } of plan.takeProfits) {
      const reward = sign * (Number(price) - entry);
      if (!(reward > 0.9 * risk && reward < 4.1 * risk)) wrong(`a target at ${reward / risk} R`);
    }
    const total = plan.takeProfits.reduce((sum, { fraction }) => sum.plus(fraction), new Decimal(0));
    if (!total.equals(1)) wrong(`targets of ${total.toFixed()}`);
    if (!(plan.confidence > 0 && plan.confidence <= 1)) wrong(`confidence ${plan.confidence}`);
    if (plan.expiresAtMs > plan.createdAtMs + 900_000) wrong(`holds until ${plan.expiresAtMs}`);
  }

  #wrong(kind: string, message: string): void {
    this.#options.log.violation(kind, message);
  }
}
