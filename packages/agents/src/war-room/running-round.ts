import type {
  AgentReport,
  Clock,
  Degradation,
  Logger,
  ModelCallContext,
  Recommendation,
  Round,
  Turn,
} from '@perpdesk/core';
import type { Riven } from '../riven/agent.ts';
import type { PlanRequest } from '../riven/plan-request.ts';
import type { DebateLimits, DebateRequest, Debater, TurnSetting } from './debate.ts';
import { advocateTurn } from './devils-advocate.ts';
import { degradationOf, type HoldOptions } from './round-outcome.ts';
import type { RoundTable } from './round-table.ts';
import { type Spoken, speak } from './speak.ts';

/** What a round is held with. */
export interface RunningRoundOptions {
  readonly round: Round;
  /** When it has to be over, on the wall clock. */
  readonly endsAtMs: number;
  readonly wallClock: Clock;
  readonly limits: DebateLimits;
  readonly options: HoldOptions;
  readonly logger: Logger;
}

/** The most that is shown of what an agent is saying: an endless answer is not copied to every page. */
const longestDraft = 4_000;

/** One round while it is held: its time, what was said in it and what went wrong. */
export class RunningRound {
  readonly round: Round;
  readonly #setting: RunningRoundOptions;
  readonly #context: ModelCallContext;
  /** Turns asked for, by speaker and place: a debate that is begun anew without its checkpoints asks nobody twice. */
  readonly #asked = new Map<string, Promise<Spoken>>();
  readonly #told = new Map<number, Spoken>();
  readonly #degraded: Degradation[] = [];
  #broken = false;

  constructor(setting: RunningRoundOptions) {
    this.round = setting.round;
    this.#setting = setting;
    const { traceId } = setting.options;
    this.#context = { roundKey: setting.round.key, ...(traceId === undefined ? {} : { traceId }) };
  }

  /** Who could not work as meant so far, each cause once. */
  get degraded(): readonly Degradation[] {
    return this.#degraded;
  }

  /** True when whoever holds the round ended it: it was given up, or a turn could not be told. */
  get isBroken(): boolean {
    return this.#broken || this.#setting.options.signal?.aborted === true;
  }

  degrade(agent: string, code: string): void {
    if (!this.#degraded.some((known) => known.agent === agent && known.code === code))
      this.#degraded.push({ agent, code });
  }

  /** The debate of those at the table. */
  request(table: RoundTable): DebateRequest {
    const { maxTurns } = this.#setting.limits;
    return {
      round: this.round,
      debaters: table.debaters,
      maxTurns,
      speak: (debater, transcript, setting) => this.#speak(debater, transcript, setting),
      onTurn: (spoken) => this.#tell(spoken),
      advocate: async (spoken) => (spoken.length >= maxTurns ? undefined : this.#advocate(table, spoken)),
    };
  }

  /** Riven's plan, in what is left of the round. */
  async plan(riven: Riven, request: PlanRequest, index: number): Promise<Recommendation | undefined> {
    const { wallClock, options } = this.#setting;
    const withinMs = this.#leftMs();
    const onReport = (report: AgentReport): void => {
      if (report.kind === 'fell-back') this.degrade(riven.name, report.code);
    };
    const over = new AbortController();
    const end = (): void => over.abort();
    const { signal, onDraft, onInputs } = options;
    // Riven may run on a clock of its own: the round's ends it too.
    const cancelTimer = wallClock.setTimer(withinMs, end);
    if (withinMs <= 0 || signal?.aborted) end();
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await riven.plan(request, {
        ...{ withinMs, signal: over.signal, context: this.#context, onReport },
        ...(onInputs === undefined
          ? {}
          : { onInputs: (inputs) => onInputs({ kind: 'plan', agent: riven.name, inputs }) }),
        ...(onDraft === undefined ? {} : { onDraft: (text) => this.#draft(riven.name, index, text) }),
      });
    } finally {
      cancelTimer();
      signal?.removeEventListener('abort', end);
    }
  }

  #leftMs(): number {
    return Math.max(0, this.#setting.endsAtMs - this.#setting.wallClock.nowMs());
  }

  #speak(debater: Debater, transcript: readonly Turn[], { index, advocateAgainst }: TurnSetting): Promise<Spoken> {
    const key = `${index}:${debater.agent.name}`;
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const { wallClock, limits, options } = this.#setting;
    const { agent, opinion } = debater;
    const { onInputs } = options;
    const { market, instrumentId, closeAtMs } = this.round;
    const allowedMs = Math.min(limits.agentDeadlineMs, this.#leftMs());
    const request = {
      ...{ market, instrumentId, atMs: closeAtMs, deadlineMs: allowedMs, opinion, transcript },
      ...(advocateAgainst === undefined ? {} : { advocateAgainst }),
    };
    const spoken = speak(agent, request, {
      ...{ wallClock, allowedMs, index, signal: options.signal },
      context: { ...this.#context, agent: agent.name },
      ...(onInputs === undefined
        ? {}
        : { onInputs: (inputs) => onInputs({ kind: 'turn', agent: agent.name, index, inputs }) }),
      ...(options.onDraft === undefined ? {} : { onDraft: (text) => this.#draft(agent.name, index, text) }),
    });
    this.#asked.set(key, spoken);
    return spoken;
  }

  async #tell(spoken: Spoken): Promise<Spoken> {
    const { index } = spoken.turn;
    const told = this.#told.get(index);
    if (told !== undefined) return told;
    const { options, logger } = this.#setting;
    options.signal?.throwIfAborted();
    if (spoken.failure !== undefined)
      logger.warn(
        { round: this.round.key, agent: spoken.turn.agent, ...spoken.failure },
        'an agent did not take its turn',
      );
    try {
      const kept = (await options.onTurn?.(spoken)) ?? spoken;
      this.#told.set(index, kept);
      for (const { agent, code } of degradationOf(kept)) this.degrade(agent, code);
      return kept;
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }

  async #advocate(table: RoundTable, spoken: readonly Spoken[]): Promise<Spoken | undefined> {
    const turns = spoken.map(({ turn }) => turn);
    const challenge = table.challenge(turns);
    if (challenge === undefined) return undefined;
    const { advocate, against, found } = challenge;
    const words = await this.#speak(advocate, turns, { index: turns.length, advocateAgainst: against });
    const lastWord = table.lastWords(turns).words.find((turn) => turn.agent === advocate.agent.name);
    return this.#tell({ ...words, turn: advocateTurn(against, found, words, lastWord) });
  }

  #draft(agent: string, index: number, text: string): void {
    const { options, logger } = this.#setting;
    if (options.signal?.aborted) return;
    try {
      options.onDraft?.({ agent, index, text: text.slice(0, longestDraft) });
    } catch (error) {
      // Nothing durable depends on what is shown meanwhile.
      logger.warn({ error, round: this.round.key }, 'a draft could not be shown');
    }
  }
}
