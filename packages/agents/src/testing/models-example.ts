import { DeskModel, MemoryModelJournal, MemoryModelLedger, ReplayModel, ScriptedModel } from '@perpdesk/agents';
import { ModelError, SortableIdGenerator, SystemClock, SystemRandom } from '@perpdesk/core';
import * as z from 'zod';

// Two models by hand; with a server they would be `new OpenAiModel({ apiKey, model, prices })`.
const prices = { inputUsdPerMillion: 0.25, outputUsdPerMillion: 2 };
const cloud = new ScriptedModel({
  name: 'cloud',
  about: prices,
  answer: () => Promise.reject(new ModelError('model.refused', 'The model refused to answer.')),
});
const backup = new ScriptedModel({
  name: 'backup',
  about: prices,
  usage: { inputTokens: 800, outputTokens: 100 },
  answer: () => ({ score: 40 }),
});

const [clock, random] = [new SystemClock(), new SystemRandom()];
const [ledger, journal] = [new MemoryModelLedger(), new MemoryModelJournal()];
const ids = new SortableIdGenerator({ clock, random });
const budgets = { round: { usd: 0.02 }, day: { usd: 5 } };
const model = new DeskModel({ models: [cloud, backup], clock, random, ids, ledger, journal, budgets });

const question = {
  purpose: 'example/1',
  system: 'You judge.',
  prompt: 'features: {"momentum.rsi":61.2}',
  schema: z.object({ score: z.number().min(-100).max(100) }),
  schemaName: 'example',
  timeoutMs: 8_000,
  context: { roundKey: 'round-1' },
};
const answer = await model.generate(question);
console.log(answer.model, answer.value);

// The refusal did not say what it took: it counts as the most it may have taken.
const { calls, failedCalls } = await ledger.spent({ roundKey: 'round-1' });
console.log(`${calls} questions, ${failedCalls} failed`);

await model.flush();
const replayed = await new ReplayModel({ journal }).generate(question);
console.log(replayed.value, `replayed: ${replayed.kept}, $${replayed.costUsd}`);
