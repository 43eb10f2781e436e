import type { DecisionInputs, DecisionJournal, SensingAgent } from '@perpdesk/core';
import type { ModelJournal } from '../model/journal/model-journal.ts';

/** Where a replay takes everything from. */
export interface ReplaySources {
  readonly journal: Pick<DecisionJournal, 'find'>;
  readonly modelJournal?: Pick<ModelJournal, 'find'>;
  /** The panel as it is set up now. Their data ports are not read. */
  readonly agents: readonly SensingAgent[];
}

/** What is recorded of a subject. @throws StoreError */
export const inputsOf = async (sources: ReplaySources, subject: string): Promise<readonly DecisionInputs[]> =>
  (await sources.journal.find(subject)).map(({ inputs }) => inputs);
