import type { Autonomy } from '@perpdesk/core';
import type { ChatCommand, ChatLimit } from './chat-command.ts';
import { readPercent, readPrice, readSize } from './read-number.ts';
import type { ReadCommand } from './read-order.ts';
import type { WordCursor } from './word-cursor.ts';

const limits = {
  'max leverage': 'maxLeverage',
  leverage: 'maxLeverage',
  'maximum leverage': 'maxLeverage',
  'risk per trade': 'riskPerTrade',
  'max position': 'maxPositionMargin',
  'max position margin': 'maxPositionMargin',
  'max position size': 'maxPositionMargin',
  'max total margin': 'maxTotalMargin',
  'max exposure': 'maxTotalMargin',
  'max total exposure': 'maxTotalMargin',
  'total exposure': 'maxTotalMargin',
  'max positions': 'maxOpenPositions',
  'max open positions': 'maxOpenPositions',
  'open positions': 'maxOpenPositions',
  'daily loss': 'dailyLoss',
  'max daily loss': 'dailyLoss',
  'daily loss limit': 'dailyLoss',
  'portfolio risk': 'maxPortfolioRisk',
  'max portfolio risk': 'maxPortfolioRisk',
  'order notional': 'maxOrderNotional',
  'max order notional': 'maxOrderNotional',
  'max order size': 'maxOrderNotional',
  'weekly loss': 'weeklyLoss',
  'weekly loss limit': 'weeklyLoss',
  drawdown: 'maxDrawdown',
  'max drawdown': 'maxDrawdown',
  'losses in a row': 'maxLossesInRow',
  'max losses in a row': 'maxLossesInRow',
} as const satisfies Readonly<Record<string, ChatLimit>>;
const limitPhrases = Object.keys(limits) as readonly (keyof typeof limits)[];

/** Those that are no share of equity. */
const plainLimits: ReadonlySet<ChatLimit> = new Set([
  'maxLeverage',
  'maxOpenPositions',
  'maxOrderNotional',
  'maxLossesInRow',
]);

const levels: Readonly<Record<string, Autonomy>> = {
  monitor: 'monitor',
  monitoring: 'monitor',
  suggest: 'suggest',
  'auto-bounded': 'auto-bounded',
  'auto bounded': 'auto-bounded',
  bounded: 'auto-bounded',
  'full-auto': 'full-auto',
  'full auto': 'full-auto',
};

/** Reads what follows `set`, `lower` or `change`; undefined where no setting is named. */
export function readSetting(
  cursor: WordCursor,
  agentOf: (word: string) => string | undefined,
): ReadCommand<ChatCommand> | undefined {
  while (cursor.take('my', 'the', 'of', 'limit', 'a') !== undefined);
  const limit = cursor.take(...limitPhrases);
  if (limit !== undefined) return readLimit(limits[limit], cursor);
  if (cursor.take('entry', 'entry style', 'entry preference', 'entries', 'entry type') !== undefined) {
    to(cursor);
    const entryPreference = cursor.take('sniper', 'ladder', 'market') ?? null;
    return { command: { kind: 'set-preferences', entryPreference, aggression: null }, unread: leftOf(cursor) };
  }
  if (cursor.take('aggression', 'aggressiveness') !== undefined) {
    to(cursor);
    const aggression = cursor.take('passive', 'balanced', 'aggressive') ?? null;
    return { command: { kind: 'set-preferences', entryPreference: null, aggression }, unread: leftOf(cursor) };
  }
  return readAutonomy(cursor, agentOf);
}

function readAutonomy(
  cursor: WordCursor,
  agentOf: (word: string) => string | undefined,
): ReadCommand<ChatCommand> | undefined {
  const before = cursor.takeAs(agentOf);
  const isAutonomy = cursor.take('autonomy', 'autonomy level') !== undefined;
  cursor.take('of', 'for');
  const after = isAutonomy ? cursor.takeAs(agentOf) : undefined;
  to(cursor);
  const autonomy = levels[cursor.take(...Object.keys(levels)) ?? ''] ?? null;
  if (!isAutonomy && autonomy === null) return undefined;
  return { command: { kind: 'set-autonomy', agent: before ?? after ?? null, autonomy }, unread: leftOf(cursor) };
}

function readLimit(limit: ChatLimit, cursor: WordCursor): ReadCommand<ChatCommand> {
  cursor.take('limit');
  to(cursor);
  const isPlain = plainLimits.has(limit);
  const percent = isPlain ? undefined : cursor.takeAs(readPercent);
  const plain = isPlain ? cursor.takeAs((word) => readValue(limit, word)) : undefined;
  const unit = isPlain ? 'plain' : 'percent';
  return { command: { kind: 'set-limits', limit, value: percent ?? plain ?? null, unit }, unread: leftOf(cursor) };
}

const readValue = (limit: ChatLimit, word: string): string | undefined =>
  limit === 'maxOrderNotional' ? readPrice(word) : readSize(limit === 'maxLeverage' ? word.replace(/x$/i, '') : word);

function to(cursor: WordCursor): void {
  while (cursor.take('to', 'at', 'is', '=', 'be') !== undefined);
}

/** What is left when all is read, without politeness. */
function leftOf(cursor: WordCursor): readonly string[] {
  const left: string[] = [];
  while (cursor.next !== undefined)
    if (cursor.take('please', 'now', 'for me', 'dollars', 'usd') === undefined) left.push(cursor.skip());
  return left;
}
