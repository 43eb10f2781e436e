import type { DomainEvent, EventBus, Turn } from '@perpdesk/core';

/** Rounds that never ended are forgotten beyond this many. */
const roundsHeld = 1_000;

/** Each agent's last turn of the rounds that are under way. */
export class RoundTurns {
  readonly #rounds = new Map<string, Map<string, Turn>>();

  hear({ payload: { roundKey, turn } }: DomainEvent<'turn.completed'>): void {
    // The devil's advocate argues a case; it is no view of the agent's.
    if (turn.role !== undefined) return;
    const turns = this.#rounds.get(roundKey) ?? new Map<string, Turn>();
    turns.set(turn.agent, turn);
    this.#rounds.set(roundKey, turns);
    for (const key of this.#rounds.keys()) {
      if (this.#rounds.size <= roundsHeld) return;
      this.#rounds.delete(key);
    }
  }

  /** The last turns of a round that has ended; those said before a restart are read from the journal. @throws StoreError */
  async finalTurns(event: DomainEvent<'round.concluded'>, eventBus: EventBus): Promise<readonly Turn[]> {
    const { round, consensus } = event.payload;
    // Without a consensus nobody spoke.
    if (consensus === undefined) return [];
    const heard = this.#rounds.get(round.key);
    if (heard === undefined || heard.size < consensus.votes.length) {
      const said = await eventBus.read({ types: ['turn.completed'], traceId: event.traceId });
      for (const { event: turn } of said)
        if (turn.type === 'turn.completed' && turn.payload.roundKey === round.key) this.hear(turn);
    }
    return [...(this.#rounds.get(round.key)?.values() ?? [])];
  }

  /** Lets go of a round. */
  forget(roundKey: string): void {
    this.#rounds.delete(roundKey);
  }
}
