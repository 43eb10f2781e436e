import { PerpDeskError } from './perpdesk-error.ts';

/** A language model timed out, refused or answered what can not be used. */
export class ModelError extends PerpDeskError {
  static override readonly kinds: readonly string[] = ['ModelError', ...PerpDeskError.kinds];
  override readonly name: string = 'ModelError';
}
