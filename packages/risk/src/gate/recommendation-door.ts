import { type Recommendation, type RiskDecision, type User, ValidationError, zeroUsd } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { riskStep } from '../decision/step-result.ts';
import { usdOf } from '../exact/branded.ts';
import { exact } from '../exact/exact.ts';
import { type Evaluation, evaluate, rejected } from '../recommendation/evaluate.ts';
import { PreparedPlan } from '../recommendation/prepared-plan.ts';
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
    const decided = new Map<string, RiskDecision>();
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      for (const decision of await store.decisions(recommendation.id)) decided.set(decision.userId, decision);
      const undecided = users.filter(({ id }) => !decided.has(id));
      if (undecided.length === 0) break;
      for (const decision of await this.#decide(recommendation, users, undecided))
        decided.set(decision.userId, decision);
    }
    for (const user of users) if (!decided.has(user.id)) decided.set(user.id, this.#conflict(recommendation, user));
    const inOrder = users.map(({ id }) => decided.get(id)).filter((decision) => decision !== undefined);
    if (inOrder.length === decided.size) return inOrder;
    const active = new Set(users.map(({ id }) => id));
    const others = [...decided.values()].filter(({ userId }) => !active.has(userId));
    return [...inOrder, ...others.sort((a, b) => (a.userId < b.userId ? -1 : 1))];
  }

  /** The decisions that could be committed. */
  async #decide(
    recommendation: Recommendation,
    active: readonly User[],
    undecided: readonly User[],
  ): Promise<readonly RiskDecision[]> {
    const snapshot = await loadSnapshot(this.#options, this.#inputs, undecided, { active });
    const evaluations = this.#evaluateAll(recommendation, undecided, snapshot);
    const changes = evaluations.map(({ decision, pending }): RiskChange => {
      const { userId } = decision;
      const state = snapshot.states.get(userId);
      const expectedVersion = state?.version ?? 0;
      if (pending === undefined) return { userId, expectedVersion, decision };
      const remove = expired(state?.pending ?? [], decision.atMs);
      return { userId, expectedVersion, decision, put: [pending], remove };
    });
    const { operatorVersion } = snapshot;
    const reserves = evaluations.some(({ pending }) => pending !== undefined);
    const committed = await this.#options.store.commit(
      changes,
      reserves && operatorVersion !== undefined ? { operatorVersion } : {},
    );
    return evaluations.filter((_, index) => committed[index] === true).map(({ decision }) => decision);
  }

  #evaluateAll(recommendation: Recommendation, users: readonly User[], snapshot: Snapshot): readonly Evaluation[] {
    const atMs = this.#options.clock.nowMs();
    const listings = this.#inputs.listingsOf(recommendation.market);
    const referenceTicker = this.#options.marketView.ticker(recommendation.instrumentId);
    const plan = new PreparedPlan({ recommendation, referenceTicker, atMs });
    const capped = snapshot.operatorVersion !== undefined;
    let used = exact(snapshot.usedNotional);
    return users.map((user) => {
      const state = snapshot.states.get(user.id);
      if (state === undefined)
        throw new ValidationError('risk-state.missing', `The store gave no state of user ${user.id}.`);
      const rejection = this.#inputs.limitsRefused(user);
      if (rejection !== undefined) {
        return rejected(
          { recommendation, user, atMs },
          [riskStep('limits', {}, { rejected: rejection.code }, rejection.message)],
          { rejection },
        );
      }
      const evaluation = evaluate(
        this.#inputs.recommendation(recommendation, user, {
          state,
          listings,
          usedNotional: capped ? usdOf(used) : zeroUsd,
          plan,
          referenceTicker,
          atMs,
        }),
      );
      if (capped && evaluation.pending !== undefined) used = used.plus(evaluation.pending.reservation.notional);
      return evaluation;
    });
  }

  #conflict(recommendation: Recommendation, user: User): RiskDecision {
    const rejection = refusal('risk-version.conflict', 'The account changed at every try.', attempts, attempts);
    return rejected({ recommendation, user, atMs: this.#options.clock.nowMs() }, [], { rejection }).decision;
  }
}
