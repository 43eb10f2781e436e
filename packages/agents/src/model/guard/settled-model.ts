import type { Clock, ModelAnswer, ModelCallOptions, ModelRequest, SimulatedClock } from '@perpdesk/core';
import type * as z from 'zod';
import { GuardedModel, type GuardedModelOptions } from './guarded-model.ts';

/** Options of {@link SettledModel}. */
export interface SettledModelOptions extends GuardedModelOptions {
  /** The desk's. */
  readonly deskClock: SimulatedClock;
}

/**
 * A guarded model for a desk on simulated time. Whatever comes of a question, the desk hears of it when all that it could do without is
 * done, and of one question at a time: what follows from an answer then does not depend on how fast the machine was, and the run can be
 * replayed from its journal of models.
 *
 * @example
 * ```ts
 * const model = new SettledModel({ model: deskModel, clock: new SystemClock(), deskClock });
 * ```
 */
export class SettledModel extends GuardedModel {
  readonly #clock: Clock;
  readonly #deskClock: SimulatedClock;
  #last: Promise<void> = Promise.resolve();

  constructor(options: SettledModelOptions) {
    super(options);
    this.#clock = options.clock;
    this.#deskClock = options.deskClock;
  }

  override async generateAs<Schema extends z.ZodType, Result>(
    request: ModelRequest<Schema>,
    accept: (answer: ModelAnswer<z.infer<Schema>>) => Result,
    options: ModelCallOptions = {},
  ): Promise<Result> {
    try {
      return await super.generateAs(request, accept, options);
    } finally {
      await this.#turn();
    }
  }

  /** Resolves when the desk has settled after what it heard before. */
  #turn(): Promise<void> {
    const release = this.#clock.hold();
    this.#last = this.#last.then(() => this.#deskClock.settled()).finally(release);
    return this.#last;
  }
}
