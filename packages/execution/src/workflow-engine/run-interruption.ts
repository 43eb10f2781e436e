import { PerpDeskError } from '@perpdesk/core';

/**
 * Why a run stops being executed here whatever its function says. `canceled` and `failed` are its end; `stopped` (the
 * engine closes), `lost` (another writer has it) and `stalled` (the journal can not be written for now) leave it running in
 * the database, to go on later or elsewhere.
 */
export class RunInterruption extends PerpDeskError {
  override readonly name: string = 'RunInterruption';
  readonly kind: 'canceled' | 'stopped' | 'lost' | 'stalled' | 'failed';

  constructor(
    kind: RunInterruption['kind'],
    message: string,
    options: { readonly code?: string; readonly cause?: unknown } = {},
  ) {
    super(options.code ?? `workflow.${kind}`, message, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
  }
}
