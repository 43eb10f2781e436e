import { PerpDeskError } from './perpdesk-error.ts';

/** The operator must change the set-up: a flag, a file, a missing package, a port. */
export class ConfigError extends PerpDeskError {
  static override readonly kinds: readonly string[] = ['ConfigError', ...PerpDeskError.kinds];
  override readonly name: string = 'ConfigError';
}
