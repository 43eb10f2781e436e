import {
  type Clock,
  causedBy,
  type DecisionInputs,
  type DomainEvent,
  type EventBus,
  type Health,
  type Logger,
  marketOf,
  type Service,
  silentLogger,
  type Unsubscribe,
  type UserDirectory,
} from '@perpdesk/core';
import type { DecisionRecorder } from '../journal/decision-recorder.ts';
import { type AdviseOptions, entryDefaults, type Koda } from './agent.ts';

/** Options of {@link KodaService}. */
export interface KodaServiceOptions {
  readonly koda: Koda;
  readonly eventBus: EventBus;
  /** Where preference, aggression and tier are kept. */
  readonly users: UserDirectory;
  readonly clock: Clock;
  /** Where what guidance is made of is written down. Default: nowhere, and no decision can be replayed. */
  readonly journal?: DecisionRecorder;
  readonly logger?: Logger;
}

/** How long a stop waits for the decision journal. */
const flushWithinMs = 1_000;

type Fallback = Parameters<NonNullable<AdviseOptions['onFallback']>>[0];

/**
 * Answers each `signal.issued` with `guidance.published`, and before it with `agent.failed` (`fellBack: true`, the user's own) where Koda's
 * model could not be used. A user who is not known is guided by the defaults.
 */
export class KodaService implements Service {
  readonly name = 'koda';
  readonly #options: KodaServiceOptions;
  readonly #logger: Logger;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #unsubscribe: Unsubscribe | undefined;

  constructor(options: KodaServiceOptions) {
    this.#options = options;
    this.#logger = (options.logger ?? silentLogger).child({ service: this.name });
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#options.eventBus.subscribe({ group: this.name, types: ['signal.issued'] }, (event) => {
      const release = this.#options.clock.hold();
      const work = this.#guide(event).finally(() => {
        this.#inFlight.delete(work);
        release();
      });
      this.#inFlight.add(work);
      return work;
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#stopping.abort();
    await Promise.allSettled(this.#inFlight);
    await this.#options.journal?.flush({ withinMs: flushWithinMs });
  }

  health(): Health {
    return { status: this.#unsubscribe === undefined ? 'stopped' : 'healthy' };
  }

  async #guide(event: DomainEvent<'signal.issued'>): Promise<void> {
    const { koda, users, clock, eventBus, journal } = this.#options;
    const signal = event.payload;
    const user = await users.get(signal.userId);
    if (user === undefined) this.#logger.warn({ userId: signal.userId }, 'a signal is for a user who is not known');
    const settings = user ?? entryDefaults;
    const id = `guidance:${signal.id}`;
    const { userId } = signal;
    const record = (inputs: DecisionInputs): void =>
      journal?.record({ kind: 'guidance', subject: id, agent: 'koda', traceId: event.traceId, userId, inputs });
    const onInputs = journal === undefined ? {} : { onInputs: record };
    let fellBack: Fallback | undefined;
    // By rules alone nothing is waited for, so that a desk of rules repeats to the byte.
    const guidance = koda.thinks
      ? await koda.advise(signal, settings, clock.nowMs(), {
          signal: this.#stopping.signal,
          ...onInputs,
          context: { traceId: event.traceId },
          onFallback: (failure) => {
            fellBack = failure;
          },
        })
      : koda.guide(signal, settings, clock.nowMs(), onInputs);
    if (fellBack !== undefined) await this.#tellFallback(event, fellBack);
    await eventBus.publish({
      id,
      type: 'guidance.published',
      key: signal.userId,
      userId: signal.userId,
      ...causedBy(event),
      payload: { signal, guidance },
    });
  }

  async #tellFallback(event: DomainEvent<'signal.issued'>, { code, message }: Fallback): Promise<void> {
    const { id, instrumentId, userId } = event.payload;
    this.#logger.warn({ signalId: id, code, message }, 'Koda falls back to rules');
    const market = marketOf(instrumentId);
    await this.#options.eventBus.publish({
      id: `failed:guidance:${id}`,
      type: 'agent.failed',
      key: userId,
      userId,
      ...causedBy(event),
      payload: { agent: 'koda', market, code, message, fellBack: true },
    });
  }
}
