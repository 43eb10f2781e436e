import { type DecisionInputs, type LanguageModel, ModelError } from '@perpdesk/core';
import { answerHash } from '../journal/asked-model.ts';
import type { ModelJournal } from '../model/journal/model-journal.ts';
import { ReplayModel } from '../model/journal/replay-model.ts';

/**
 * The model of one recorded word: it gives the very answer that the word was made of, or fails as it failed then; undefined where none was
 * asked. `onMissing` is told why it can not.
 *
 * The answer is found by what it was, not by its turn: an answer that an agent had checked before is asked for once and used again, and one
 * that came too late is in the journal though it was not used.
 */
export function recordedAnswer(
  { asked, fellBack }: DecisionInputs,
  modelJournal: Pick<ModelJournal, 'find'> | undefined,
  onMissing: (reason: string) => void,
): LanguageModel | undefined {
  if (asked === undefined && fellBack === undefined) return undefined;
  if (asked?.answerHash === undefined) {
    const { code, message } = fellBack ?? {
      code: 'model.not-recorded',
      message: 'A model was asked, and what came of it was not recorded.',
    };
    if (fellBack === undefined) onMissing(message);
    return { name: 'recorded failure', generate: () => Promise.reject(new ModelError(code, message)) };
  }
  const find: ModelJournal['find'] = async (key) => {
    if (key !== asked.key) {
      onMissing('Another question would be asked now: the prompt, the schema or what is asked about changed.');
      return [];
    }
    const records = (await modelJournal?.find(key)) ?? [];
    const answered = records.filter(({ outcome }) => outcome.kind === 'answered');
    const exact = answered.find(
      ({ outcome }) => outcome.kind === 'answered' && answerHash(outcome.value) === asked.answerHash,
    );
    // An answer that held a credential was masked, and is another one since: what comes of it is compared as ever.
    const found = exact ?? answered.at(-1);
    if (found === undefined)
      onMissing(
        modelJournal === undefined
          ? 'A model answered, and no journal of models was given.'
          : 'The answer of the model is not in its journal.',
      );
    return found === undefined ? [] : [found];
  };
  return new ReplayModel({ journal: { find } });
}
