import {
  type Clock,
  type EventBus,
  type Health,
  type Logger,
  type PredictionAssessment,
  type PredictionContract,
  type PredictionHistory,
  type PredictionScore,
  type PredictionSource,
  type Release,
  type Service,
  silentLogger,
  type Unsubscribe,
} from '@perpdesk/core';
import type { PlopCalibration } from './calibration.ts';
import type { PlopOutcome, PlopStore } from './store/plop-store.ts';

/** Options of {@link PlopScorer}. */
export interface PlopScorerOptions {
  readonly store: PlopStore;
  readonly calibration: PlopCalibration;
  readonly sources: readonly PredictionSource[];
  readonly eventBus: EventBus;
  readonly clock: Clock;
  /** Where outcomes are kept for base rates too. Default: nowhere. */
  readonly history?: Pick<PredictionHistory, 'record'>;
  /** From the end of one look for outcomes to the next, ms. Default 5 min. */
  readonly everyMs?: number;
  /** How long until a contract past its closing is asked for again, ms. Default 30 min. */
  readonly closedEveryMs?: number;
  /** The same of one that is still open, for it may be decided early. Default 12 h. */
  readonly openEveryMs?: number;
  /** Contracts asked for in one look. Default 50. */
  readonly mostAsked?: number;
  readonly logger?: Logger;
}

const minuteMs = 60_000;
/** What is not decided a quarter of a year after its closing is waited for no longer. */
const giveUpAfterMs = 90 * 1440 * minuteMs;

/**
 * Keeps assessments until their contracts are resolved, scores them beside the market (`prediction.scored`), hands the outcome to the
 * history that base rates are read from, and has the calibration learn from it. What waits survives a restart.
 */
export class PlopScorer implements Service {
  readonly name = 'plop-scorer';
  readonly #options: PlopScorerOptions;
  readonly #logger: Logger;
  #unsubscribe: Unsubscribe | undefined;
  #abort = new AbortController();
  #cancel: Release = () => {};
  #running: Promise<void> = Promise.resolve();
  #failure: string | undefined;
  #scored = 0;

  constructor(options: PlopScorerOptions) {
    this.#options = options;
    this.#logger = (options.logger ?? silentLogger).child({ service: this.name });
  }

  /** @throws StoreError */
  async start(): Promise<void> {
    const { store, calibration, sources, eventBus } = this.#options;
    this.#abort = new AbortController();
    await store.open();
    for (const { venue } of sources) await calibration.learn(venue);
    this.#unsubscribe = eventBus.subscribe(
      { group: this.name, types: ['prediction.assessed'], from: 'start' },
      async (event) => void (await store.keep(event.payload)),
    );
    this.#next(0);
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#abort.abort(new Error('The scorer was stopped.'));
    this.#cancel();
    await this.#running;
  }

  health(): Health {
    if (this.#unsubscribe === undefined) return { status: 'stopped' };
    const detail = `${this.#scored} assessments scored`;
    return this.#failure === undefined
      ? { status: 'healthy', detail }
      : { status: 'degraded', detail: `${this.#failure}; ${detail}` };
  }

  #next(delayMs: number): void {
    const { clock, everyMs = 5 * minuteMs } = this.#options;
    this.#cancel = clock.setTimer(delayMs, () => {
      const release = clock.hold();
      this.#running = this.#look(this.#abort.signal)
        .catch((error: unknown) => {
          if (this.#abort.signal.aborted) return;
          this.#failure = error instanceof Error ? error.message : 'Outcomes could not be looked for.';
          this.#logger.error({ error }, 'outcomes of prediction contracts could not be looked for');
        })
        .finally(() => {
          release();
          if (this.#unsubscribe !== undefined) this.#next(everyMs);
        });
    });
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { store, calibration, clock, mostAsked = 50 } = this.#options;
    const { closedEveryMs = 30 * minuteMs, openEveryMs = 720 * minuteMs } = this.#options;
    const atMs = clock.nowMs();
    const ids = await store.take({
      atMs,
      closedBeforeMs: atMs - closedEveryMs,
      openBeforeMs: atMs - openEveryMs,
      givenUpBeforeMs: atMs - giveUpAfterMs,
      limit: mostAsked,
    });
    let failure: string | undefined;
    const learnt = new Set<PredictionContract['venue']>();
    for (const id of ids) {
      signal.throwIfAborted();
      try {
        const contract = await this.#ask(id, signal);
        if (contract?.resolution === undefined) continue;
        await this.#settle(contract, contract.resolution);
        learnt.add(contract.venue);
      } catch (error) {
        signal.throwIfAborted();
        failure = error instanceof Error ? error.message : `${id} could not be asked for.`;
        this.#logger.warn({ contractId: id, error }, 'the outcome of a prediction contract could not be asked for');
      }
    }
    for (const venue of learnt) await calibration.learn(venue);
    this.#failure = failure;
  }

  async #ask(id: string, signal: AbortSignal): Promise<PredictionContract | undefined> {
    const source = this.#options.sources.find(({ venue }) => id.startsWith(`${venue}:`));
    const contract = await source?.resolve(id, { signal });
    return contract?.id === id ? contract : undefined;
  }

  /** Tells first and settles last: what is cut off in between is told again under the same ids, which the bus knows. */
  async #settle(contract: PredictionContract, outcome: PlopOutcome): Promise<void> {
    const { store, history, eventBus, clock } = this.#options;
    const atMs = clock.nowMs();
    await history?.record(contract);
    for (const assessment of await store.waiting(contract.id)) {
      const payload = scoreOf(assessment, outcome, atMs);
      await eventBus.publish({
        id: `score:${assessment.id}`,
        type: 'prediction.scored',
        key: contract.id,
        payload,
      });
      this.#scored += 1;
    }
    await store.settle(contract.id, outcome, atMs);
  }
}

/** How an assessment came out: squared errors of its probability and of the mid it was held against (G. W. Brier, 1950). */
export function scoreOf(
  { id, contractId, venue, probability, mid, source, atMs }: PredictionAssessment,
  outcome: PlopOutcome,
  resolvedAtMs: number,
): PredictionScore {
  const came = outcome === 'yes' ? 1 : 0;
  return {
    assessmentId: id,
    contractId,
    venue,
    outcome,
    probability,
    mid,
    ...(outcome === 'void' ? {} : { brier: (probability - came) ** 2, marketBrier: (mid - came) ** 2 }),
    source,
    assessedAtMs: atMs,
    resolvedAtMs,
  };
}
