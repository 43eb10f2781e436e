import { type LanguageModelReply, languageModelContract } from '@perpdesk/core/testing';
import { describe, it } from 'vitest';
import { CompletionServer, completion, json, type Reply } from '../testing/completion-server.ts';
import { OpenAiModel } from './open-ai-model.ts';

const replyOf = (reply: LanguageModelReply): Reply => {
  switch (reply.kind) {
    case 'text':
      return reply.text;
    case 'refusal':
      return json(200, completion(null, { refusal: 'No.' }));
    case 'failure':
      return json(503, '{}');
    case 'hang':
      return () => {};
  }
};

describe('OpenAiModel keeps to the contract', () => {
  for (const contractCase of languageModelContract) {
    it(contractCase.name, () =>
      contractCase.run(async (replies) => {
        const server = new CompletionServer(replies.map(replyOf));
        const model = new OpenAiModel({ apiKey: 'local', model: 'served', baseURL: await server.start() });
        return { model, requests: () => server.requests.length, close: () => server.stop() };
      }),
    );
  }
});
