import {
  type Clock,
  causedBy,
  type DecisionInputs,
  type DomainEvent,
  type EventBus,
  type Health,
  type Logger,
  type MarketId,
  type MarketView,
  marketOf,
  type OpinionRequest,
  type SensingAgent,
  type Service,
  silentLogger,
  timeframeMs,
  type Unsubscribe,
} from '@perpdesk/core';
import type { DecisionRecorder } from '../journal/decision-recorder.ts';
import { inAgentSpan } from '../trace/agent-span.ts';
import { type AgentAnswer, askAgent } from './ask-agent.ts';
import { Limiter } from './limiter.ts';

/** Options of {@link AgentService}. */
export interface AgentServiceOptions {
  readonly agent: SensingAgent;
  /** Tells which instrument is a market's reference. */
  readonly marketView: MarketView;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Markets it gives opinions on. Default: all that have a reference instrument. */
  readonly markets?: readonly MarketId[];
  /** How long an opinion may take. Default 12,000. */
  readonly deadlineMs?: number;
  /** How many opinions may be made at once. Default 8. */
  readonly maxConcurrent?: number;
  /** Where what opinions are made of is written down. Default: nowhere, and no decision can be replayed. */
  readonly journal?: DecisionRecorder;
}

type Trigger = DomainEvent<'candle.closed'> | DomainEvent<'macro.released'>;

const recentAnswers = 20;
/** How long a stop waits for the decision journal. */
const flushWithinMs = 1_000;

/**
 * Runs one sensing agent: at each of its triggers it asks the agent about the market (at a macro release: about every market) and
 * publishes `opinion.published`, or `agent.abstained`; an agent whose model failed publishes `agent.failed` (`fellBack: true`) before its
 * rules' opinion, one that failed altogether `agent.failed` and `agent.abstained`. Only a failing bus makes its handler throw.
 */
export class AgentService implements Service {
  readonly name: string;
  readonly #options: AgentServiceOptions;
  readonly #logger: Logger;
  readonly #limiter: Limiter;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #recentFailures: boolean[] = [];
  #unsubscribe: Unsubscribe | undefined;

  constructor(options: AgentServiceOptions) {
    this.#options = options;
    this.name = `agent.${options.agent.name}`;
    this.#logger = (options.logger ?? silentLogger).child({ service: this.name });
    this.#limiter = new Limiter({ limit: options.maxConcurrent ?? 8 });
  }

  async start(): Promise<void> {
    const { agent, eventBus } = this.#options;
    const kinds = new Set(agent.triggers.map((trigger) => trigger.kind));
    const types: Trigger['type'][] = [];
    if (kinds.has('candle-close')) types.push('candle.closed');
    if (kinds.has('macro-release')) types.push('macro.released');
    this.#unsubscribe = eventBus.subscribe({ group: this.name, types }, (event) => this.#onTrigger(event));
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    await Promise.allSettled(this.#inFlight);
    await this.#options.journal?.flush({ withinMs: flushWithinMs });
  }

  health(): Health {
    if (this.#unsubscribe === undefined) return { status: 'stopped' };
    const failures = this.#recentFailures.filter(Boolean).length;
    if (failures === 0) return { status: 'healthy' };
    return {
      status: 'degraded',
      detail: `${failures} of the last ${this.#recentFailures.length} answers failed or fell back to rules.`,
    };
  }

  #onTrigger(event: Trigger): Promise<void> | undefined {
    const asked = this.#marketsOf(event);
    if (asked.length === 0) return undefined;
    const release = this.#options.clock.hold();
    const work = Promise.allSettled(asked.map((request) => this.#limiter.run(() => this.#answer(request, event)))).then(
      (results) => {
        for (const result of results) if (result.status === 'rejected') throw result.reason;
      },
    );
    const tracked = work.finally(() => {
      this.#inFlight.delete(tracked);
      release();
    });
    this.#inFlight.add(tracked);
    return tracked;
  }

  #marketsOf(event: Trigger): readonly OpinionRequest[] {
    const { agent, clock, marketView, markets } = this.#options;
    const deadlineMs = this.#options.deadlineMs ?? 12_000;
    const requestOf = (market: MarketId, atMs: number): readonly OpinionRequest[] => {
      const reference = marketView.reference(market);
      if (reference === undefined || (markets !== undefined && !markets.includes(market))) return [];
      return [{ market, instrumentId: reference.id, atMs, deadlineMs }];
    };
    // What comes late (after a restart) would be answered with the data of today.
    const isLate = (atMs: number): boolean => clock.nowMs() - atMs >= agent.refreshMs;
    if (event.type === 'macro.released') {
      const { releasedAtMs } = event.payload;
      if (isLate(releasedAtMs)) return [];
      const all = new Set(marketView.instruments().map((instrument) => instrument.market));
      return [...all].flatMap((market) => requestOf(market, releasedAtMs));
    }
    const { instrumentId, timeframe, openAtMs } = event.payload;
    const triggers = agent.triggers.some(
      (trigger) => trigger.kind === 'candle-close' && trigger.timeframe === timeframe,
    );
    const closeAtMs = openAtMs + timeframeMs(timeframe);
    if (!triggers || isLate(closeAtMs)) return [];
    return requestOf(marketOf(instrumentId), closeAtMs).filter((request) => request.instrumentId === instrumentId);
  }

  async #answer(request: OpinionRequest, event: Trigger): Promise<void> {
    const { agent, clock, journal } = this.#options;
    const { traceId } = event;
    const subject = `opinion:${agent.name}:${request.market}:${request.atMs}`;
    const onInputs = (inputs: DecisionInputs): void =>
      journal?.record({ kind: 'opinion', subject, agent: agent.name, traceId, inputs });
    const answer = await inAgentSpan({ agent: agent.name, market: request.market, traceId }, async (span) => {
      const asked = await askAgent(agent, request, clock, {
        context: { agent: agent.name, traceId },
        ...(journal === undefined ? {} : { onInputs }),
      });
      span.setAttributes({ 'perpdesk.outcome': asked.outcome });
      return asked;
    });
    const failure = answer.outcome === 'failed' ? answer.failure : answer.fellBack;
    this.#recentFailures.push(failure !== undefined);
    if (this.#recentFailures.length > recentAnswers) this.#recentFailures.shift();
    if (failure !== undefined) {
      this.#logger.warn(
        { market: request.market, atMs: request.atMs, ...failure },
        'an agent failed or fell back to its rules',
      );
    }
    await this.#publish(answer, request, event);
  }

  async #publish(answer: AgentAnswer, { market, atMs }: OpinionRequest, event: Trigger): Promise<void> {
    const { agent, eventBus } = this.#options;
    const subject = `${agent.name}:${market}:${atMs}`;
    const common = { key: market, ...causedBy(event) };
    const failure = answer.outcome === 'failed' ? answer.failure : answer.fellBack;
    if (failure !== undefined) {
      const payload = { agent: agent.name, market, ...failure, fellBack: answer.outcome !== 'failed' };
      await eventBus.publish({ id: `failed:${subject}`, type: 'agent.failed', ...common, payload });
    }
    if (answer.outcome === 'opinion') {
      await eventBus.publish({
        id: `opinion:${subject}`,
        type: 'opinion.published',
        ...common,
        payload: answer.opinion,
      });
      return;
    }
    const reason = answer.outcome === 'failed' ? answer.failure.code : answer.reason;
    const payload = { agent: agent.name, market, atMs, reason };
    await eventBus.publish({ id: `abstained:${subject}`, type: 'agent.abstained', ...common, payload });
  }
}
