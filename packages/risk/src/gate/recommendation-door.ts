import { type Recommendation, type RiskDecision, type User, ValidationError, zeroUsd } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { riskStep } from '../decision/step-result.ts';
import { usdOf } from '../exact/branded.ts';
import { exact } from '../exact/exact.ts';
import { type Evaluation, evaluate, rejected } from '../recommendation/evaluate.ts';
import { expired } from '../state/pending-entry.ts';
import type { RiskChange } from '../state/risk-state-store.ts';
import type { BrixOptions } from './brix-options.ts';
import type { DeskInputs } from './desk-inputs.ts';
import { attempts, loadSnapshot, type Snapshot } from './snapshot.ts';

/** Door 1's shell: loads all users in one batch, evaluates each, commits all in one transaction, again for those in conflict. */
export class RecommendationDoor {
  readonly #options: BrixOptions;
  readonly #inputs: DeskInputs;

  constructor(options: BrixOptions, inputs: DeskInputs) {
    this.#options = options;
    this.#inputs = inputs;
  }

  /** One decision for every active user, in the directory's order; those decided before as they were. */
  async filter(recommendation: Recommendation, signal: AbortSignal | undefined): Promise<readonly RiskDecision[]> {
    if (typeof recommendation?.id !== 'string')
      throw new ValidationError('recommendation.invalid', 'A recommendation has an id.');
    const { store, users: directory } = this.#options;
    const users = await directory.active(signal === undefined ? {} : { signal });
    const before = await store.decisions(recommendation.id);
    const first = before.length > 0 ? [] : await this.#decide(recommendation, users, users);
    // Mostly nobody was decided on before, and all can be committed.
    const inOrder = first.filter((decision) => decision !== undefined);
    if (before.length === 0 && inOrder.length === users.length) return inOrder;
    const decided = new Map<string, RiskDecision>();
    for (const decision of inOrder) decided.set(decision.userId, decision);
    return this.#decideOthers(recommendation, users, { decided, before, attempt: before.length > 0 ? 0 : 1 });
  }

  /** Decides on those in conflict again, and gives back what was decided before or by another process meanwhile. */
  async #decideOthers(
    recommendation: Recommendation,
    users: readonly User[],
    known: {
      readonly decided: Map<string, RiskDecision>;
      readonly before: readonly RiskDecision[];
      readonly attempt: number;
    },
  ): Promise<readonly RiskDecision[]> {
    const { store } = this.#options;
    const { decided } = known;
    let { before } = known;
    for (let { attempt } = known; attempt < attempts; attempt += 1) {
      if (attempt > 0) before = await store.decisions(recommendation.id);
      for (const decision of before) decided.set(decision.userId, decision);
      const undecided = users.filter(({ id }) => !decided.has(id));
      if (undecided.length === 0) break;
      for (const decision of await this.#decide(recommendation, users, undecided))
        if (decision !== undefined) decided.set(decision.userId, decision);
    }
    for (const user of users) if (!decided.has(user.id)) decided.set(user.id, this.#conflict(recommendation, user));
    const inOrder = users.map(({ id }) => decided.get(id)).filter((decision) => decision !== undefined);
    if (inOrder.length === decided.size) return inOrder;
    const active = new Set(users.map(({ id }) => id));
    const others = [...decided.values()].filter(({ userId }) => !active.has(userId));
    return [...inOrder, ...others.sort((a, b) => (a.userId < b.userId ? -1 : 1))];
  }

  /** Decisions on users, in their order; undefined where one could not be committed. */
  async #decide(
    recommendation: Recommendation,
    active: readonly User[],
    undecided: readonly User[],
  ): Promise<readonly (RiskDecision | undefined)[]> {
    if (undecided.length === 0) return [];
    const snapshot = await loadSnapshot(this.#options, this.#inputs, undecided, { active });
    const { states, operatorVersion } = snapshot;
    const evaluations = this.#evaluateAll(recommendation, undecided, snapshot);
    const changes = evaluations.map(({ decision, pending }, index): RiskChange => {
      const { userId } = decision;
      const state = states[index];
      const expectedVersion = state?.version ?? 0;
      if (pending === undefined) return { userId, expectedVersion, decision };
      const remove = expired(state?.pending ?? [], decision.atMs);
      return { userId, expectedVersion, decision, put: [pending], remove };
    });
    const reserves = evaluations.some(({ pending }) => pending !== undefined);
    const committed = await this.#options.store.commit(
      changes,
      reserves && operatorVersion !== undefined ? { operatorVersion } : {},
    );
    return evaluations.map(({ decision }, index) => (committed[index] === true ? decision : undefined));
  }

  #evaluateAll(recommendation: Recommendation, users: readonly User[], snapshot: Snapshot): readonly Evaluation[] {
    const readings = this.#inputs.planReadings(recommendation);
    const { atMs } = readings;
    const capped = snapshot.operatorVersion !== undefined;
    const uncapped = this.#inputs.operator(zeroUsd);
    let used = exact(snapshot.usedNotional);
    return users.map((user, index) => {
      const state = snapshot.states[index];
      if (state === undefined)
        throw new ValidationError('risk-state.missing', `The store gave no state of user ${user.id}.`);
      const limits = this.#inputs.usableLimits(user);
      if ('code' in limits) {
        return rejected(
          { recommendation, user, atMs },
          [riskStep('limits', {}, { rejected: limits.code }, limits.message)],
          { rejection: limits },
        );
      }
      const operator = capped ? this.#inputs.operator(usdOf(used)) : uncapped;
      const evaluation = evaluate(this.#inputs.recommendation(user, readings, { state, limits, operator }));
      if (capped && evaluation.pending !== undefined) used = used.plus(evaluation.pending.reservation.notional);
      return evaluation;
    });
  }

  #conflict(recommendation: Recommendation, user: User): RiskDecision {
    const rejection = refusal('risk-version.conflict', 'The account changed at every try.', attempts, attempts);
    return rejected({ recommendation, user, atMs: this.#options.clock.nowMs() }, [], { rejection }).decision;
  }
}
