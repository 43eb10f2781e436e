import { proposedActionSchema } from '@perpdesk/core';
import type { ChatCommand } from '../route/chat-command.ts';
import type { ChatRoute } from '../route/chat-route.ts';
import { ask, type Draft, type DraftState } from './draft.ts';
import { draftCancel } from './draft-cancel.ts';
import { draftClose } from './draft-close.ts';
import { draftOrder } from './draft-order.ts';
import { draftSetting } from './draft-setting.ts';
import { quoted } from './fact.ts';
import { listed } from './show.ts';

const manual =
  'I can propose an order (buy or sell, with size, market or limit price, and stop), closing or reducing a position, cancelling an order, pausing or resuming entries, and changes of your autonomy, limits and entry preferences.';

/**
 * Makes an action of a command, by the desk's state and nothing else: a size, a side, a stop or a price that the user did not say is asked for.
 * What comes back does nothing: it is proposed, approved elsewhere, and judged then.
 */
export function draftAction({ command, unread = [], lookAlikes = [] }: ChatRoute, state: DraftState): Draft {
  if (lookAlikes.length > 0) return ask(lookAlikeText(lookAlikes));
  if (unread.length > 0) {
    const words = listed(unread.map((word) => `"${quoted(word, 40)}"`));
    return ask(
      `I did not draft that: I did not understand ${words}. Say one action in plain words, without conditions. ${manual}`,
    );
  }
  if (command === undefined) return ask(`I did not draft that: I could not read an action in it. ${manual}`);
  const draft = draftOf(command, state);
  if (draft.outcome === 'ask') return draft;
  // The last word on what may be proposed: strict, with nothing beside what the kind has.
  const parsed = proposedActionSchema.safeParse(draft.action);
  return parsed.success
    ? { ...draft, action: parsed.data }
    : ask(`I did not draft that: a value in it is out of range. ${manual}`);
}

/** What is said of something that only looks like a market. */
export const lookAlikeText = (markets: readonly string[]): string =>
  `A name in that looks like ${listed(markets)} and is written with other characters. I take no market by its looks: write it in plain letters.`;

function draftOf(command: ChatCommand, state: DraftState): Draft {
  switch (command.kind) {
    case 'place-order':
      return draftOrder(command, state);
    case 'close-position':
      return draftClose(command, state);
    case 'cancel-order':
      return draftCancel(command, state);
    case 'pause-entries':
    case 'resume-entries':
      return { outcome: 'action', action: { kind: command.kind }, citations: [] };
    default:
      return draftSetting(command, state);
  }
}
