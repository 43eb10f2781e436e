import type { ModelUsage } from '../ports/language-model.ts';
import { PerpDeskError, type PerpDeskErrorOptions } from './perpdesk-error.ts';

/** What a {@link ModelError} carries beside what every error does. */
export interface ModelErrorOptions extends PerpDeskErrorOptions {
  /** The tokens that the failed question took, where that is known: none where the server refused it unanswered. */
  readonly usage?: ModelUsage;
}

/** A language model timed out, refused or answered what can not be used. */
export class ModelError extends PerpDeskError {
  static override readonly kinds: readonly string[] = ['ModelError', ...PerpDeskError.kinds];
  override readonly name: string = 'ModelError';
  /** Undefined where nobody can know: a budget then counts all that was reserved. */
  readonly usage: ModelUsage | undefined;

  constructor(code: string, message: string, options: ModelErrorOptions = {}) {
    super(code, message, options);
    this.usage = options.usage;
  }
}
