import type { ChatMessage } from '@perpdesk/core';
import { promptHistoryLimits } from './settings.ts';

/** What of a conversation a prompt may see: its last messages, oldest first, within the bounds; one that does not fit whole is left out with all before it. */
export function promptHistory(
  messages: readonly Pick<ChatMessage, 'role' | 'text'>[],
  limits: { readonly messages: number; readonly characters: number } = promptHistoryLimits,
): readonly Pick<ChatMessage, 'role' | 'text'>[] {
  let left = limits.characters;
  const shown: Pick<ChatMessage, 'role' | 'text'>[] = [];
  for (const { role, text } of messages.slice(-limits.messages).reverse()) {
    left -= text.length;
    if (left < 0) break;
    shown.unshift({ role, text });
  }
  return shown;
}
