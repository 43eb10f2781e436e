import { SeededRandom, SortableIdGenerator, SystemClock } from '@perpdesk/core';
import { type LanguageModelReply, languageModelContract } from '@perpdesk/core/testing';
import { describe, it } from 'vitest';
import { OpenAiModel } from '../openai/open-ai-model.ts';
import { answer, CompletionServer, json, type Reply } from '../testing/completion-server.ts';
import { MemoryModelLedger } from './budget/memory-model-ledger.ts';
import { DeskModel } from './desk-model.ts';
import { MemoryModelJournal } from './journal/memory-model-journal.ts';

const replyOf = (reply: LanguageModelReply): Reply => {
  switch (reply.kind) {
    case 'text':
      return reply.text;
    case 'refusal':
      return answer(null, { refusal: 'No.' });
    case 'failure':
      return json(503, '{}');
    case 'hang':
      return () => {};
  }
};

describe('DeskModel, with all its wrappers, keeps to the contract of a model', () => {
  for (const contractCase of languageModelContract) {
    it(contractCase.name, () =>
      contractCase.run(async (replies) => {
        const server = new CompletionServer(replies.map(replyOf));
        const clock = new SystemClock();
        const random = new SeededRandom('contract');
        const model = new DeskModel({
          models: [new OpenAiModel({ apiKey: 'local', model: 'served', baseURL: await server.start() })],
          clock,
          random,
          ids: new SortableIdGenerator({ clock, random }),
          ledger: new MemoryModelLedger(),
          journal: new MemoryModelJournal(),
          budgets: { day: { tokens: 1_000_000 } },
          attempts: 1,
        });
        return { model, requests: () => server.requests.length, close: () => server.stop() };
      }),
    );
  }
});
