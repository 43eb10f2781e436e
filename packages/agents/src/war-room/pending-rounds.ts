import {
  type DomainEvent,
  type MarketId,
  type Opinion,
  type Release,
  type SensingAgent,
  timeframeMs,
} from '@perpdesk/core';

/** A round that waits for the opinions of its close. */
export interface PendingRound {
  readonly candle: DomainEvent<'candle.closed'>;
  readonly market: MarketId;
  readonly closeAtMs: number;
  /** Agents that will speak up on this close and have not yet. */
  readonly awaited: Set<string>;
  cancelTimer: Release;
}

/** The latest word of each agent on each market, and the rounds that wait for more. */
export class PendingRounds {
  readonly #opinions = new Map<MarketId, Map<string, Opinion>>();
  /** The last trigger each agent answered, and why it had no opinion where it had none. */
  readonly #answered = new Map<MarketId, Map<string, { readonly atMs: number; readonly abstained?: string }>>();
  readonly #pending = new Map<MarketId, PendingRound>();

  /** Opens a round that awaits those of `agents` that trigger on its close and have not answered yet. */
  open(
    candle: DomainEvent<'candle.closed'>,
    market: MarketId,
    closeAtMs: number,
    agents: readonly SensingAgent[],
  ): PendingRound {
    const answered = this.#answered.get(market);
    const awaited = agents
      .filter((agent) => triggersAt(agent, closeAtMs) && (answered?.get(agent.name)?.atMs ?? -1) < closeAtMs)
      .map((agent) => agent.name);
    const round: PendingRound = { candle, market, closeAtMs, awaited: new Set(awaited), cancelTimer: () => {} };
    this.#pending.get(market)?.cancelTimer();
    this.#pending.set(market, round);
    return round;
  }

  /** Notes an agent's opinion, or why it has none. Returns the round that need wait no longer, if this was the last answer. */
  answer(market: MarketId, agent: string, atMs: number, opinion: Opinion | string): PendingRound | undefined {
    if (typeof opinion !== 'string' && (this.opinions(market).get(agent)?.atMs ?? -1) <= atMs)
      child(this.#opinions, market).set(agent, opinion);
    const answered = child(this.#answered, market);
    if ((answered.get(agent)?.atMs ?? -1) <= atMs)
      answered.set(agent, typeof opinion === 'string' ? { atMs, abstained: opinion } : { atMs });
    const round = this.#pending.get(market);
    if (round === undefined || atMs < round.closeAtMs || !round.awaited.delete(agent)) return undefined;
    return round.awaited.size === 0 ? round : undefined;
  }

  /** Takes a round out: true for the first who asks, so that it is held once. */
  claim(round: PendingRound): boolean {
    if (this.#pending.get(round.market) !== round) return false;
    round.cancelTimer();
    return this.#pending.delete(round.market);
  }

  /** The latest opinion by agent. */
  opinions(market: MarketId): ReadonlyMap<string, Opinion> {
    return this.#opinions.get(market) ?? new Map();
  }

  /** True when an agent had no opinion at this close for `reason`. */
  abstained(market: MarketId, closeAtMs: number, reason: string): boolean {
    return [...(this.#answered.get(market)?.values() ?? [])].some(
      (answer) => answer.atMs === closeAtMs && answer.abstained === reason,
    );
  }

  /** Drops all waiting rounds. */
  clear(): void {
    for (const round of this.#pending.values()) round.cancelTimer();
    this.#pending.clear();
  }
}

function triggersAt(agent: SensingAgent, closeAtMs: number): boolean {
  return agent.triggers.some(
    (trigger) => trigger.kind === 'candle-close' && closeAtMs % timeframeMs(trigger.timeframe) === 0,
  );
}

function child<Value>(parent: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const known = parent.get(key);
  if (known !== undefined) return known;
  const map = new Map<string, Value>();
  parent.set(key, map);
  return map;
}
