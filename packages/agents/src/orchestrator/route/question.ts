import type { MarketId } from '@perpdesk/core';
import { deskAgents } from './chat-route.ts';
import { MarketNames } from './market-names.ts';
import { plainText, wordsOf } from './plain-text.ts';

/** What routing knows of the desk. */
export interface DeskNames {
  /** Markets that the desk follows. */
  readonly markets: readonly MarketId[];
  /** Agents of builders, beside those of the desk. */
  readonly agents?: readonly string[];
}

/** A question, read once. */
export interface Question {
  /** As it was written. */
  readonly text: string;
  /** In small letters, compatibility forms folded: for keywords. */
  readonly plain: string;
  readonly words: readonly string[];
  readonly names: MarketNames;
  /** In capitals throughout. */
  readonly isLoud: boolean;
  readonly markets: readonly MarketId[];
  readonly lookAlikes: readonly MarketId[];
  /** Named by `@name` or by the bare name. */
  readonly agents: readonly string[];
}

const most = 8;

/** Reads a question: which markets and agents it names. Never throws. */
export function readQuestion(text: string, desk: DeskNames): Question {
  const names = new MarketNames(desk.markets);
  const words = wordsOf(text);
  const isLoud = words.length > 1 && !/\p{Ll}/u.test(text);
  const markets = new Set<MarketId>();
  const lookAlikes = new Set<MarketId>();
  for (const word of words.flatMap(apart)) {
    const named = names.named(word, isLoud);
    if (named === undefined) continue;
    if ('market' in named) markets.add(named.market);
    else lookAlikes.add(named.looksLike);
  }
  const plain = plainText(text).toLowerCase();
  return {
    text,
    plain,
    words,
    names,
    isLoud,
    markets: [...markets].slice(0, most),
    lookAlikes: [...lookAlikes].slice(0, most),
    agents: agentsIn(words, [...deskAgents, ...(desk.agents ?? [])]),
  };
}

/** `BTC/ETH` and `0.1BTC` are two words, where the whole is no name: both readings are tried. */
function apart(word: string): readonly string[] {
  const amount = /^[$]?\d[\d.,]*([a-z]{2,}.*)$/i.exec(word)?.[1];
  const parts = word.includes('/') && !word.includes('://') ? word.split('/') : [];
  return [word, ...(amount === undefined ? [] : [amount]), ...parts.filter((part) => !/^usd[tc]?$/i.test(part))];
}

function agentsIn(words: readonly string[], known: readonly string[]): readonly string[] {
  const named = new Set(words.map((word) => word.toLowerCase().replace(/^@/, '').replace(/'s$/, '')));
  return known.filter((agent) => named.has(agent.toLowerCase())).slice(0, 16);
}
