import type { RefusalKind } from '../route/chat-route.ts';

/** What is said to what no chat gives: one fixed sentence each, with nothing of the question in it. */
export const refusalTexts: Readonly<Record<RefusalKind, string>> = {
  'other-users': 'I see your own account and the shared market view only, and can not answer about anybody else.',
  secrets:
    'Keys, passwords and other secrets are kept where no agent can read them; you manage yours under Venue credentials.',
  'skip-risk':
    'Every order goes through Brix with a stop and every proposal through your approval; nothing said in a chat changes that.',
  'raise-limit': 'A limit is not raised in a chat; you do that under Risk settings, where you authenticate again.',
  prompt: 'How I am instructed is neither shown nor changed in a chat.',
};
