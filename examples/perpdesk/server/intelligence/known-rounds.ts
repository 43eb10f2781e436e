import type {
  ConcludedRound,
  DomainEvent,
  EventBus,
  Health,
  MarketId,
  Opinion,
  PredictionAssessment,
  Recommendation,
  Service,
  Turn,
  Unsubscribe,
} from '@perpdesk/core';

/** Rounds kept of each market, assessments of all, and plans and turns until their round is concluded. */
const kept = { rounds: 20, assessments: 500, open: 500 } as const;
const readAtStart = 2_000;
const told = [
  'opinion.published',
  'recommendation.published',
  'turn.completed',
  'round.concluded',
  'prediction.assessed',
] as const;

/**
 * What the desk said of late, in memory: what a chat is answered from. At its start it is read off the journal. What it hears twice, since the
 * journal is read and its subscription goes on where it was, changes nothing.
 */
export class KnownRounds implements Service {
  readonly name = 'desk-state';
  readonly #eventBus: EventBus;
  readonly #opinions = new Map<MarketId, Map<string, Opinion>>();
  readonly #rounds = new Map<MarketId, ConcludedRound[]>();
  readonly #recommendations = new Map<string, Recommendation>();
  readonly #turns = new Map<string, readonly Turn[]>();
  readonly #assessments = new Map<string, PredictionAssessment>();
  #unsubscribe: Unsubscribe | undefined;

  constructor(options: { readonly eventBus: EventBus }) {
    this.#eventBus = options.eventBus;
  }

  /** @throws StoreError */
  async start(): Promise<void> {
    const past = await this.#eventBus.read({ types: told, order: 'descending', limit: readAtStart });
    for (const { event } of [...past].reverse()) this.#hear(event as DomainEvent<(typeof told)[number]>);
    this.#unsubscribe = this.#eventBus.subscribe({ group: this.name, types: told }, (event) => this.#hear(event));
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  health(): Health {
    return { status: this.#unsubscribe === undefined ? 'stopped' : 'healthy' };
  }

  /** The latest of each agent. */
  opinions(market: MarketId): readonly Opinion[] {
    return [...(this.#opinions.get(market)?.values() ?? [])];
  }

  /** Newest first; the last 20 are known. */
  rounds(market: MarketId, limit: number): readonly ConcludedRound[] {
    return (this.#rounds.get(market) ?? []).slice(0, limit);
  }

  assessment(contractId: string): PredictionAssessment | undefined {
    return this.#assessments.get(contractId);
  }

  #hear(event: DomainEvent<(typeof told)[number]>): void {
    switch (event.type) {
      case 'opinion.published':
        return this.#hearOpinion(event.payload);
      case 'recommendation.published':
        return keepNewest(this.#recommendations, event.payload.id, event.payload, kept.open);
      case 'turn.completed': {
        const { roundKey, turn } = event.payload;
        const before = (this.#turns.get(roundKey) ?? []).filter(({ index }) => index !== turn.index);
        return keepNewest(this.#turns, roundKey, [...before, turn], kept.open);
      }
      case 'round.concluded':
        return this.#hearRound(event.payload);
      case 'prediction.assessed': {
        const known = this.#assessments.get(event.payload.contractId);
        if (known !== undefined && known.atMs > event.payload.atMs) return;
        return keepNewest(this.#assessments, event.payload.contractId, event.payload, kept.assessments);
      }
    }
  }

  #hearOpinion(opinion: Opinion): void {
    const opinions = this.#opinions.get(opinion.market) ?? new Map<string, Opinion>();
    const known = opinions.get(opinion.agent);
    if (known === undefined || known.atMs <= opinion.atMs) opinions.set(opinion.agent, opinion);
    this.#opinions.set(opinion.market, opinions);
  }

  #hearRound(payload: DomainEvent<'round.concluded'>['payload']): void {
    const { round, outcome, reason, consensus, recommendationId } = payload;
    const recommendation = recommendationId === undefined ? undefined : this.#recommendations.get(recommendationId);
    const turns = this.#turns.get(round.key);
    const concluded: ConcludedRound = {
      ...{ round, outcome },
      ...(reason === undefined ? {} : { reason }),
      ...(consensus === undefined ? {} : { consensus }),
      ...(recommendation === undefined ? {} : { recommendation }),
      ...(turns === undefined ? {} : { turns }),
    };
    const before = this.#rounds.get(round.market) ?? [];
    if (before.some((known) => known.round.key === round.key)) return;
    // Told in the order they ended, and shown in the order they were called.
    const rounds = [concluded, ...before].sort((a, b) => b.round.closeAtMs - a.round.closeAtMs);
    this.#rounds.set(round.market, rounds.slice(0, kept.rounds));
    if (recommendationId !== undefined) this.#recommendations.delete(recommendationId);
    this.#turns.delete(round.key);
  }
}

function keepNewest<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
