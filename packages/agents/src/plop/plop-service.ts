import {
  type Clock,
  type EventBus,
  foreignText,
  type Health,
  type Logger,
  type PredictionContract,
  type PredictionDiscovery,
  type PredictionSource,
  type Release,
  type Service,
  silentLogger,
} from '@perpdesk/core';
import { Limiter } from '../service/limiter.ts';
import type { AssessOptions, Plop, PlopAnswer } from './agent.ts';
import { type ContractValue, contractValue } from './contract-value.ts';
import { scanContracts } from './scan-contracts.ts';
import { dayOf } from './store/plop-store.ts';

/** Options of {@link PlopService}. */
export interface PlopServiceOptions {
  readonly plop: Plop;
  readonly sources: readonly PredictionSource[];
  readonly eventBus: EventBus;
  readonly clock: Clock;
  /** From the end of one scan to the next, ms. Default 15 min. */
  readonly everyMs?: number;
  /** Pages asked for of each source in one scan. Default 4. */
  readonly pages?: number;
  /** Contracts on a page, 1 to 100. Default 50. */
  readonly pageSize?: number;
  /** Contracts assessed of each source in one scan, the most traded. Default 100. */
  readonly mostPerSource?: number;
  /** At least so much traded in the last 24 hours. Default 10,000. */
  readonly minVolume24h?: number;
  /** Closing no sooner than this from now, ms. Default 1 hour. */
  readonly closesAfterMs?: number;
  /** Closing no later than this from now, ms. Default 60 days. */
  readonly closesWithinMs?: number;
  /** Assessed at once. Default 4. */
  readonly maxConcurrent?: number;
  /** The best of a scan by rules, and no others, are put to the model. Default 5; 0 leaves the model to chat. */
  readonly mostAsked?: number;
  /** How long the ranking is at most. Default 20. */
  readonly mostRanked?: number;
  /** Fees by venue; see `predictionFees`. */
  readonly fees?: Parameters<typeof contractValue>[2];
  readonly logger?: Logger;
}

interface Candidate {
  readonly contract: PredictionContract;
  readonly answer: Extract<PlopAnswer, { readonly outcome: 'assessed' }>;
  readonly value: ContractValue | undefined;
}

const hourMs = 3_600_000;

/**
 * Plop as a part of a desk: answers about contracts that a chat names, and looks through open contracts again and again for those worth
 * most. A scan assesses by rules, puts the best few to the model, and ranks what remains by value; see `contractValue`. What is ranked is told as
 * `prediction.assessed`, what is new in the ranking as `prediction.discovered`, once a contract and day.
 */
export class PlopService implements Service {
  readonly name = 'agent.plop';
  readonly #options: PlopServiceOptions;
  readonly #logger: Logger;
  #abort = new AbortController();
  #cancel: Release = () => {};
  #running: Promise<void> = Promise.resolve();
  #isStarted = false;
  #scans = 0;
  #assessed = 0;
  #failures: ReadonlyMap<string, string> = new Map();
  #fellBack: string | undefined;
  #ranking: readonly PredictionDiscovery[] = [];

  constructor(options: PlopServiceOptions) {
    this.#options = options;
    this.#logger = (options.logger ?? silentLogger).child({ service: this.name });
  }

  /** Begins the first scan and does not wait for it. */
  async start(): Promise<void> {
    this.#abort = new AbortController();
    this.#isStarted = true;
    this.#next(0);
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#abort.abort(new Error('Plop was stopped.'));
    this.#cancel();
    await this.#running;
  }

  health(): Health {
    if (!this.#isStarted) return { status: 'stopped' };
    const detail = `${this.#scans} scans, ${this.#assessed} contracts in the last, ${this.#ranking.length} ranked`;
    const faults = [
      ...[...this.#failures].map(([part, why]) => `${part}: ${why}`),
      ...(this.#fellBack === undefined ? [] : [`the model could not be used: ${this.#fellBack}`]),
    ];
    return faults.length === 0
      ? { status: 'healthy', detail }
      : { status: 'degraded', detail: [...faults, detail].join('; ') };
  }

  /** The contracts worth most in the last scan, the best first. */
  ranking(): readonly PredictionDiscovery[] {
    return this.#ranking;
  }

  /**
   * Assesses the contract that a text names, and tells the desk. Rejects only when aborted or stopped, or with StoreError when it can not be
   * told.
   */
  async answer(text: string, options: AssessOptions = {}): Promise<PlopAnswer> {
    const { plop, eventBus } = this.#options;
    const answer = await plop.answer(text, options);
    if (answer.outcome === 'assessed') {
      const { assessment } = answer;
      const traceId = options.context?.traceId;
      await eventBus.publish({
        id: assessment.id,
        type: 'prediction.assessed',
        key: assessment.contractId,
        ...(traceId === undefined ? {} : { traceId }),
        payload: assessment,
      });
    }
    return answer;
  }

  #next(delayMs: number): void {
    const { clock, everyMs = hourMs / 4 } = this.#options;
    this.#cancel = clock.setTimer(delayMs, () => {
      const release = clock.hold();
      this.#running = this.#scan(this.#abort.signal)
        .catch((error: unknown) => {
          if (this.#abort.signal.aborted) return;
          this.#failures = new Map([['scan', error instanceof Error ? error.message : 'It failed.']]);
          this.#logger.error({ error }, 'prediction markets could not be looked through');
        })
        .finally(() => {
          release();
          if (this.#isStarted) this.#next(everyMs);
        });
    });
  }

  async #scan(signal: AbortSignal): Promise<void> {
    const options = this.#options;
    const { closesAfterMs = hourMs, closesWithinMs = 1440 * hourMs, mostAsked = 5, mostRanked = 20 } = options;
    const nowMs = options.clock.nowMs();
    const { contracts, failures } = await scanContracts(
      options.sources,
      {
        minVolume24h: options.minVolume24h ?? 10_000,
        closesFromMs: nowMs + closesAfterMs,
        closesBeforeMs: nowMs + closesWithinMs,
        pages: options.pages ?? 4,
        pageSize: options.pageSize ?? 50,
        mostPerSource: options.mostPerSource ?? 100,
      },
      { signal },
    );
    const limiter = new Limiter({ limit: options.maxConcurrent ?? 4 });
    const assessAll = async (some: readonly PredictionContract[], askModel: boolean): Promise<readonly Candidate[]> =>
      (await Promise.all(some.map((contract) => limiter.run(() => this.#assess(contract, askModel, signal))))).flat();
    const byRules = sorted(await assessAll(contracts, false));
    const promising = options.plop.hasModel
      ? byRules.filter(({ value }) => value !== undefined).slice(0, mostAsked)
      : [];
    const byModel = await assessAll(
      promising.map(({ contract }) => contract),
      true,
    );
    const again = new Map(byModel.map((candidate) => [candidate.contract.id, candidate]));
    const best = sorted(byRules.map((candidate) => again.get(candidate.contract.id) ?? candidate))
      .filter(({ value }) => value !== undefined)
      .slice(0, mostRanked);
    signal.throwIfAborted();
    this.#failures = failures;
    this.#fellBack = byModel.find(({ answer }) => answer.fellBack !== undefined)?.answer.fellBack?.message;
    this.#ranking = best.flatMap(({ contract, answer: { assessment }, value }, index) =>
      value === undefined
        ? []
        : [
            {
              assessment,
              slug: foreignText(contract.slug, 200),
              question: foreignText(contract.question, 300),
              ...value,
              rank: index + 1,
            },
          ],
    );
    this.#assessed = byRules.length;
    this.#scans += 1;
    await this.#tell(this.#ranking);
  }

  async #assess(contract: PredictionContract, askModel: boolean, signal: AbortSignal): Promise<readonly Candidate[]> {
    signal.throwIfAborted();
    const answer = await this.#options.plop.assess(contract, { askModel, signal });
    if (answer.outcome === 'refused') return [];
    const value = contractValue(answer.assessment, answer.reading.quote.depthUsd, this.#options.fees);
    return [{ contract, answer, value }];
  }

  async #tell(ranking: readonly PredictionDiscovery[]): Promise<void> {
    const { eventBus } = this.#options;
    for (const discovery of ranking) {
      const { assessment } = discovery;
      const { id, contractId: key } = assessment;
      const { traceId } = await eventBus.publish({ id, type: 'prediction.assessed', key, payload: assessment });
      await eventBus.publish({
        id: `discovered:${key}:${dayOf(assessment)}`,
        type: 'prediction.discovered',
        key,
        traceId,
        causationId: id,
        payload: discovery,
      });
    }
  }
}

const sorted = (candidates: readonly Candidate[]): readonly Candidate[] =>
  [...candidates].sort(
    (a, b) => (b.value?.score ?? 0) - (a.value?.score ?? 0) || (a.contract.id < b.contract.id ? -1 : 1),
  );
