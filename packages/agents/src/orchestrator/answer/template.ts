import { longestChatText, type MarketId } from '@perpdesk/core';
import type { ChatRoute } from '../route/chat-route.ts';
import type { Fact } from './fact.ts';
import { listed } from './show.ts';

/** What the desk can be asked, in a few sentences. */
export const helpText =
  'Ask what Vanta, Luma or Meridian think of a market, why the last round ended as it did, for a price or a track record, for your positions, account, orders, settings and what waits for you, or give Plop the link of a prediction market. I can also propose an order, a close or a change of a setting, such as "close half of" a position: nothing is done before you approve it.';

/** A question that nobody could place. */
export const unknownText = `I am not sure what you ask. ${helpText}`;

/** What is said beside pending signals, whatever the chat said. */
const approvalText =
  'You approve or decline each where it is shown, by its own button; a word in the chat decides nothing.';

/** The answer in words of ours: each fact, its quote and its caveat. */
export function templateText(route: ChatRoute, facts: readonly Fact[], followed: readonly MarketId[]): string {
  const unknown = route.markets.filter((market) => !followed.includes(market));
  const parts = facts.map(({ text, quote, caveat }) =>
    [
      text,
      ...(quote === undefined || quote === '' ? [] : [`In its words: "${quote}"`]),
      ...(caveat === undefined ? [] : [caveat]),
    ].join(' '),
  );
  const lines = [
    ...parts,
    ...(unknown.length === 0 ? [] : [`This desk does not follow ${listed(unknown)}.`]),
    ...(route.intent === 'pending' ? [approvalText] : []),
  ];
  return capped(lines.length === 0 ? 'There is nothing to tell of that yet.' : lines.join('\n'));
}

/** No longer than a message may be, cut between lines where there are any. */
export function capped(text: string): string {
  if (text.length <= longestChatText) return text;
  const cut = text.slice(0, longestChatText - 1);
  const line = cut.lastIndexOf('\n');
  return `${(line > 0 ? cut.slice(0, line) : cut).toWellFormed()}…`;
}
