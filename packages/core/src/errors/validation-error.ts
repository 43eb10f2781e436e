import { PerpDeskError } from './perpdesk-error.ts';

/** The caller passed something that can not be right. */
export class ValidationError extends PerpDeskError {
  override readonly name: string = 'ValidationError';
}
