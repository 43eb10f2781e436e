import type { Clock, LanguageModel, MarketId, ModelCallContext } from '@perpdesk/core';
import { askInTime } from '../../model/ask-in-time.ts';
import type { Fact } from './fact.ts';
import { groundSentence } from './ground-sentence.ts';
import { type AnswerQuestion, answerPrompt, answerPromptVersion, answerQuestionText } from './prompt.ts';
import { answerSchema, answerSentenceSchema } from './schema.ts';
import { SentenceStream } from './sentence-stream.ts';

/** How a model is asked to word an answer. */
export interface WordingOptions {
  readonly model: LanguageModel;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly markets: readonly MarketId[];
  readonly context: ModelCallContext;
  /** What may be shown of a checked sentence: secrets are masked in it. */
  readonly mask: (text: string) => string;
  /** Called with the answer so far, whole, of sentences that were checked. */
  readonly onText?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** A model's wording, every sentence of it checked. */
export interface Wording {
  readonly text: string;
  /** The facts that it was said from, in their order. */
  readonly facts: readonly Fact[];
}

/**
 * Has a model word an answer from facts. One sentence that says more than its facts spoils the whole.
 * @throws ModelError of the port, `model.ungrounded`
 */
export async function wordAnswer(question: AnswerQuestion, options: WordingOptions): Promise<Wording> {
  const { model, clock, timeoutMs, markets, context, mask, onText, signal } = options;
  const { facts } = question;
  const { value } = await askInTime(
    model,
    {
      purpose: `orchestrator-answer/${answerPromptVersion}`,
      system: answerPrompt,
      prompt: answerQuestionText(question),
      schema: answerSchema,
      schemaName: 'chat_answer',
      timeoutMs,
      context: { ...context, agent: 'orchestrator' },
    },
    {
      clock,
      ...(signal === undefined ? {} : { signal }),
      ...(onText === undefined ? {} : { onText: checkedDraft(facts, markets, (text) => onText(mask(text))) }),
    },
  );
  const sentences = value.sentences.map((sentence) => groundSentence(sentence, facts, markets));
  const used = new Set(value.sentences.flatMap((sentence) => sentence.facts));
  return { text: sentences.join(' '), facts: facts.filter(({ id }) => used.has(id)) };
}

/** Shows each sentence once it is whole and was checked; from the first that fails nothing more is shown. */
function checkedDraft(
  facts: readonly Fact[],
  markets: readonly MarketId[],
  show: (text: string) => void,
): (piece: string) => void {
  const stream = new SentenceStream();
  let shown: string[] = [];
  let isSpoiled = false;
  return (piece) => {
    if (piece === '') {
      shown = [];
      isSpoiled = false;
    }
    for (const object of stream.push(piece)) {
      if (isSpoiled) return;
      try {
        shown.push(groundSentence(answerSentenceSchema.parse(JSON.parse(object)), facts, markets));
        show(shown.join(' '));
      } catch {
        isSpoiled = true;
      }
    }
  };
}
