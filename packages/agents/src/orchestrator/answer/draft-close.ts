import { Decimal, marketOf, toRate } from '@perpdesk/core';
import type { CommandOf } from '../route/chat-command.ts';
import { ask, askFor, type Draft, type DraftState } from './draft.ts';
import { named } from './fact.ts';
import { listed, showExact } from './show.ts';

/** Drafts closing one position of the user's, or a share of it. Where several fit, it asks which. */
export function draftClose(
  { market, direction, percent, venue }: CommandOf<'close-position'>,
  { mine }: DraftState,
): Draft {
  const symbol = market === null ? '<market>' : market.slice(0, -'-PERP'.length);
  if (percent === null) return askFor(['the share'], `reduce ${symbol} by <percent>%`);
  const share = new Decimal(percent);
  if (!share.greaterThan(0) || share.greaterThan(100))
    return ask('A share of a position is more than 0% and at most 100%.');
  const inMarket = mine.positions.filter(({ instrumentId }) => market === null || marketOf(instrumentId) === market);
  const fitting = inMarket.filter(
    (position) =>
      (venue === null || position.venue === venue) && (direction === null || position.direction === direction),
  );
  const [position] = fitting;
  const held = listed(
    inMarket.map(
      (each) => `${each.direction} ${showExact(each.size)} ${marketOf(each.instrumentId)} on ${named(each.venue)}`,
    ),
  );
  if (position === undefined) {
    const what = `${direction ?? ''}${direction === null ? '' : ' '}position${market === null ? '' : ` in ${named(market)}`}${venue === null ? '' : ` on ${named(venue)}`}`;
    return ask(`You hold no ${what}.${inMarket.length === 0 ? '' : ` You hold ${held}.`}`);
  }
  if (fitting.length > 1) {
    const advice =
      market === null
        ? 'Say which; all at once is what the button "Close all" does'
        : 'Say which, such as with "on" and the venue';
    return ask(`You hold several: ${held}. ${advice}.`, fitting.map(citationOf));
  }
  return {
    outcome: 'action',
    action: {
      kind: 'close-position',
      venue: position.venue,
      instrumentId: position.instrumentId,
      fraction: toRate(share.dividedBy(100)),
    },
    citations: [citationOf(position)],
  };
}

const citationOf = ({ venue, instrumentId, updatedAtMs }: DraftState['mine']['positions'][number]) =>
  ({ kind: 'position', id: `${named(venue)}:${instrumentId}`, atMs: updatedAtMs }) as const;
