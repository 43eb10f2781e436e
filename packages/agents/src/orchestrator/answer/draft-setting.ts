import { Decimal, toRate, toUsd } from '@perpdesk/core';
import type { ChatCommand, ChatLimit, CommandOf } from '../route/chat-command.ts';
import { ask, askFor, type Draft, type DraftState } from './draft.ts';
import { refusalTexts } from './refusal-texts.ts';

type SettingCommand = Extract<ChatCommand, { readonly kind: 'set-autonomy' | 'set-limits' | 'set-preferences' }>;

/** Drafts a change of a setting. A limit is not raised by chat where that is known; where it is not, the limit book refuses it. */
export function draftSetting(command: SettingCommand, state: DraftState): Draft {
  if (command.kind === 'set-limits') return draftLimit(command, state);
  if (command.kind === 'set-autonomy') {
    const { agent, autonomy } = command;
    if (autonomy === null) return askFor(['the level'], 'set autonomy to monitor, suggest, auto-bounded or full-auto');
    return {
      outcome: 'action',
      action: { kind: 'set-autonomy', ...(agent === null ? {} : { agent }), autonomy },
      citations: [],
    };
  }
  const { entryPreference, aggression } = command;
  if (entryPreference === null && aggression === null)
    return askFor(
      ['the value'],
      'set entry style to sniper, ladder or market, or set aggression to passive, balanced or aggressive',
    );
  const preferences = {
    ...(entryPreference === null ? {} : { entryPreference }),
    ...(aggression === null ? {} : { aggression }),
  };
  return { outcome: 'action', action: { kind: 'set-preferences', ...preferences }, citations: [] };
}

const wholeLimits: ReadonlySet<ChatLimit> = new Set(['maxOpenPositions', 'maxLossesInRow']);

function draftLimit({ limit, value, unit }: CommandOf<'set-limits'>, { mine }: DraftState): Draft {
  const isShare = unit === 'percent';
  const words = limit.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  if (value === null) return askFor(['the value'], `set ${words} to ${isShare ? '<percent>%' : '<number>'}`);
  const next = isShare ? new Decimal(value).dividedBy(100) : new Decimal(value);
  if (wholeLimits.has(limit) && !next.isInteger())
    return ask(`${words} is a whole number.`.replace(/^./, (letter) => letter.toUpperCase()));
  const now = mine.user.limits[limit];
  if (now !== undefined && next.greaterThan(now)) return ask(refusalTexts['raise-limit']);
  return { outcome: 'action', action: { kind: 'set-limits', limits: limitsOf(limit, next, isShare) }, citations: [] };
}

function limitsOf(limit: ChatLimit, value: Decimal, isShare: boolean) {
  if (limit === 'maxOrderNotional') return { maxOrderNotional: toUsd(value) };
  return { [limit]: isShare ? toRate(value) : value.toNumber() };
}
