import { SystemClock } from '@perpdesk/core';
import { openCcxtClient } from '@perpdesk/core/ccxt';
import { afterEach, expect, it } from 'vitest';
import { AnswerServer, type ScriptedAnswer } from './testing/answer-server.ts';

const servers: AnswerServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** ccxt's own `maxRetriesOnFailure` would sign and send a failed request again, one that makes orders too. */
it.each([
  ['cut off', { cut: 'before' }],
  ['a 503', { json: {}, status: 503 }],
  ['a 504 without JSON', { text: 'gateway', status: 504 }],
] as const satisfies readonly (readonly [string, ScriptedAnswer])[])(
  'error: a request of ccxt itself that fails (%s) is not sent again',
  async (_, answer) => {
    const server = new AnswerServer();
    servers.push(server);
    const endpoints = await server.start();
    server.answer = () => answer;
    const client = await openCcxtClient({
      ...{ venue: 'hyperliquid', clock: new SystemClock(), endpoints, rateLimit: false },
      ccxtOptions: { maxRetriesOnFailure: 2, maxRetriesOnFailureDelay: 1 },
    });
    try {
      await expect(client.ask((exchange) => exchange.fetchTime())).rejects.toMatchObject({ retryable: true });
      expect(server.seen).toHaveLength(1);
    } finally {
      await client.close();
    }
  },
);
