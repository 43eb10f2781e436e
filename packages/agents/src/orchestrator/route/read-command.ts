import type { MarketId } from '@perpdesk/core';
import { type ChatCommand, chatCommandSchema } from './chat-command.ts';
import { deskAgents } from './chat-route.ts';
import type { Question } from './question.ts';
import { readClose } from './read-close.ts';
import { readPercent } from './read-number.ts';
import { type ReadCommand, readOrder } from './read-order.ts';
import { readSetting } from './read-setting.ts';
import { WordCursor } from './word-cursor.ts';

const polite = [
  'please',
  'hey',
  'hi',
  'ok',
  'okay',
  'now',
  'can you',
  'could you',
  'would you',
  'will you',
  'i want to',
  'i want you to',
  "i'd like to",
  "i'd like you to",
  'i would like to',
  "let's",
  'kindly',
  'just',
] as const;

const pausing = [
  'pause',
  'stop trading',
  'stop entries',
  'stop opening',
  'halt entries',
  'pause entries',
  'pause trading',
] as const;
const resuming = [
  'resume',
  'unpause',
  'resume entries',
  'resume trading',
  'start trading',
  'continue trading',
] as const;

/** A command, or one of which nothing but that it is one was understood. */
export interface FoundCommand {
  readonly command?: ChatCommand;
  /** Words that were not understood: then nothing is drafted. */
  readonly unread: readonly string[];
}

/**
 * Reads a plain command that begins with its verb; undefined where there is none. Every word has to be understood: an order with an "if" behind it
 * is another order.
 */
export function readCommand(question: Question, agents: readonly string[] = deskAgents): FoundCommand | undefined {
  const cursor = new WordCursor(question.words.flatMap((word) => spaced(word, question)));
  const isAsked = skipPoliteness(cursor, agents);
  // What ends in a question mark asks, unless it asks us to act.
  if (question.text.trimEnd().endsWith('?') && !isAsked) return undefined;
  const found = readVerb(cursor, question, agents);
  if (found === undefined) return undefined;
  const unread = found.unread.slice(0, 8).map((word) => word.slice(0, 100));
  if (found.command === undefined) return { unread };
  const parsed = chatCommandSchema.safeParse(found.command);
  return parsed.success ? { command: parsed.data, unread } : { unread: unread.length > 0 ? unread : ['a number'] };
}

function readVerb(
  cursor: WordCursor,
  { names, isLoud }: Question,
  agents: readonly string[],
): FoundCommand | ReadCommand<ChatCommand> | undefined {
  const marketOf = (word: string): MarketId | undefined => {
    const named = names.named(word, isLoud);
    return named !== undefined && 'market' in named ? named.market : undefined;
  };
  const agentOf = (word: string): string | undefined => {
    const bare = word.toLowerCase().replace(/^@/, '').replace(/'s$/, '');
    return agents.includes(bare) ? bare : undefined;
  };
  const pause = cursor.take(...pausing);
  if (pause !== undefined)
    return whole({ kind: 'pause-entries' }, cursor, ['new', 'positions', 'entries', 'trading', 'all', 'please', 'my']);
  const resume = cursor.take(...resuming);
  if (resume !== undefined)
    return whole({ kind: 'resume-entries' }, cursor, ['entries', 'trading', 'please', 'my', 'new']);
  // Selling one's own is closing it: `sell half of my BTC` opens no short.
  const selling = ownSale(cursor);
  if (selling !== undefined) return readClose(cursor, marketOf, { whole: true, direction: 'long' });
  const side = sideOf(cursor);
  if (side !== undefined) return isOrder(cursor, marketOf) ? readOrder(side, cursor, marketOf) : undefined;
  if (cursor.take('cancel') !== undefined) return readCancel(cursor, marketOf);
  const closing = cursor.take('close', 'exit', 'flatten', 'close out', 'get out of');
  if (closing !== undefined)
    return isOf(cursor, ['price', 'prices', 'to', 'above', 'below', 'of'])
      ? undefined
      : readClose(cursor, marketOf, { whole: true });
  if (cursor.take('set', 'change', 'lower', 'decrease', 'switch', 'put', 'make', 'move', 'turn') !== undefined)
    return setting(cursor, agentOf);
  if (cursor.take('reduce', 'trim', 'cut') !== undefined)
    return readSetting(cursor, agentOf) ?? readClose(cursor, marketOf, { whole: false });
  return undefined;
}

/** What a chat can not set is said to be so; `make me a list` sets nothing. */
function setting(cursor: WordCursor, agentOf: (word: string) => string | undefined): FoundCommand | undefined {
  const found = readSetting(cursor, agentOf);
  if (found !== undefined) return found;
  const isSetting = cursor.rest.some((word) =>
    /^(?:stops?|stop-loss|sl|targets?|tp|leverage|margin|limits?|order|orders|tier)$/i.test(word),
  );
  return isSetting ? { unread: cursor.rest } : undefined;
}

/** Goes past `sell` where a share or something of one's own follows. */
function ownSale(cursor: WordCursor): string | undefined {
  const [verb, next = ''] = cursor.rest.map((word) => word.toLowerCase());
  const isOwn = ['my', 'half', 'all', 'quarter'].includes(next) || readPercent(next) !== undefined;
  return verb === 'sell' && isOwn ? cursor.take('sell') : undefined;
}

/** `buy` and its like, gone past. */
function sideOf(cursor: WordCursor): 'buy' | 'sell' | undefined {
  cursor.take(
    'place',
    'open',
    'enter',
    'go',
    'place a',
    'open a',
    'enter a',
    'submit a',
    'place an order to',
    'place a limit order to',
    'place a market order to',
  );
  const verb = cursor.take('buy', 'sell', 'long', 'short');
  if (verb === undefined) return undefined;
  return verb === 'buy' || verb === 'long' ? 'buy' : 'sell';
}

/** `long term` and `sell pressure` are no orders: an amount or a market comes next. */
function isOrder(cursor: WordCursor, marketOf: (word: string) => MarketId | undefined): boolean {
  while (
    cursor.take(
      'a',
      'an',
      'the',
      'some',
      'position',
      'position in',
      'of',
      'me',
      'order',
      'order for',
      'limit order',
      'on',
    ) !== undefined
  );
  const word = cursor.next;
  return word === undefined || /^[$+\-−]?[.,]?\p{N}/u.test(word) || marketOf(word) !== undefined;
}

const isOf = (cursor: WordCursor, words: readonly string[]): boolean =>
  words.includes(cursor.next?.toLowerCase() ?? '');

function readCancel(cursor: WordCursor, marketOf: (word: string) => MarketId | undefined): ReadCommand<ChatCommand> {
  let order: string | null = null;
  let market: MarketId | null = null;
  // A bare "cancel" may mean anything, such as what was just proposed.
  const unread: string[] = cursor.next === undefined ? ['cancel'] : [];
  while (cursor.next !== undefined) {
    if (
      cursor.take('order', 'orders', 'my', 'the', 'limit', 'open', 'please', 'id', 'number', 'on', 'for', 'resting') !==
      undefined
    )
      continue;
    const said = cursor.next;
    const id: string | undefined = cursor.takeAs((word) =>
      /^[0-9a-f]{8,32}$/i.test(word) ? word.toLowerCase() : undefined,
    );
    const named: MarketId | undefined = id === undefined ? cursor.takeAs(marketOf) : undefined;
    if (id !== undefined && order === null) order = id;
    else if (named !== undefined && market === null) market = named;
    else unread.push(id === undefined && named === undefined ? cursor.skip() : said);
  }
  return { command: { kind: 'cancel-order', order, market }, unread };
}

function whole(command: ChatCommand, cursor: WordCursor, fillers: readonly string[]): ReadCommand<ChatCommand> {
  const unread: string[] = [];
  while (cursor.next !== undefined) if (cursor.take(...fillers) === undefined) unread.push(cursor.skip());
  return { command, unread };
}

/** Goes past greetings, mentions and politeness; true where somebody is asked to act. */
function skipPoliteness(cursor: WordCursor, agents: readonly string[]): boolean {
  let isAsked = false;
  for (;;) {
    const phrase = cursor.take(...polite);
    if (phrase !== undefined) isAsked ||= / you$|^please$|^kindly$|want|like/.test(phrase);
    else if (
      cursor.takeAs((word) => (agents.some((agent) => word.toLowerCase() === `@${agent}`) ? word : undefined)) ===
      undefined
    )
      return isAsked;
  }
}

/** `stop:59000`, `@60000`, `0.1BTC` and `BTC-PERP@paper` in words of their own. */
function spaced(word: string, { names, isLoud }: Question): readonly string[] {
  const named = names.named(word, isLoud);
  if (named !== undefined && !word.includes('@')) return [word];
  const labelled = /^([a-z-]+)[:=](\$?[\d.,]+k?%?)$/i.exec(word);
  if (labelled !== null) return labelled.slice(1);
  if (/^@\$?[\d.,]+k?$/.test(word)) return ['@', word.slice(1)];
  const [market = '', venue = ''] = word.split('@');
  if (named !== undefined && venue !== '') return [market, 'on', venue.toLowerCase()];
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-z][a-z0-9-]+)$/i.exec(word) ?? [];
  const isAmount = unit !== '' && names.named(unit, isLoud) !== undefined;
  return isAmount ? [amount, unit] : [word];
}
