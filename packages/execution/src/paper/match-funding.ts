import type { Instrument } from '@perpdesk/core';
import { AccountDraft, type Transition } from './account-draft.ts';
import type { PaperAccount } from './paper-account.ts';
import type { PaperContext } from './paper-context.ts';
import { settleFunding } from './settle-funding.ts';

/** Pays an account's funding up to a settled instant. Undefined when there is nothing to pay. */
export function matchFunding(
  account: PaperAccount,
  instrument: Instrument,
  settledAtMs: number,
  context: PaperContext,
): Transition | undefined {
  if (!account.positions.has(instrument.id)) return undefined;
  const draft = new AccountDraft(account, context);
  settleFunding(draft, instrument, settledAtMs);
  return draft.finish();
}
