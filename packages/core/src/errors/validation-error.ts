import { PerpDeskError } from './perpdesk-error.ts';

/** The caller passed something that can not be right. */
export class ValidationError extends PerpDeskError {
  static override readonly kinds: readonly string[] = ['ValidationError', ...PerpDeskError.kinds];
  override readonly name: string = 'ValidationError';
}
