import { PerpDeskError } from './perpdesk-error.ts';

/** A database or file could not be read or written. */
export class StoreError extends PerpDeskError {
  static override readonly kinds: readonly string[] = ['StoreError', ...PerpDeskError.kinds];
  override readonly name: string = 'StoreError';
}
