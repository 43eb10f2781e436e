import { PerpDeskError } from './perpdesk-error.ts';

/** A database or file could not be read or written. */
export class StoreError extends PerpDeskError {
  override readonly name: string = 'StoreError';
}
