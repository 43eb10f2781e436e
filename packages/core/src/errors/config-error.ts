import { PerpDeskError } from './perpdesk-error.ts';

/** The operator must change the set-up: a flag, a file, a missing package, a port. */
export class ConfigError extends PerpDeskError {
  override readonly name: string = 'ConfigError';
}
