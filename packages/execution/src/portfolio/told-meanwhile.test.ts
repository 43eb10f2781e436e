import { type OrderIntent, toSize, VenueError } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { place, TradingDesk } from '../testing/trading-desk.ts';

// What is told while an account is read leaves open what stands, and nothing else.

const desks: TradingDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});
const sell = { side: 'sell', reduceOnly: true, purpose: 'exit', origin: 'manual' } as const;

/** Trades at the venue, past the desk. */
const byHand = async (desk: TradingDesk, changes: Partial<OrderIntent>): Promise<void> => {
  const intent = examplePaperIntent({ size: toSize('0.1'), tradeId: 'elsewhere', ...changes });
  await desk.paper.place(desk.market.authority.mint(intent, 'by hand'));
};

/** A desk with a long of 0.1 of which 0.04 are sold while the account is read; `asked`: what it asks after that. */
async function toldMeanwhile() {
  const desk = await TradingDesk.run();
  desks.push(desk);
  await desk.guide();
  const asked: string[] = [];
  let isRead = false;
  const noted = <Answer>(name: string, answer: Promise<Answer>): Promise<Answer> => {
    if (isRead) asked.push(name);
    return answer;
  };
  Object.assign(desk.venue.on, {
    fetchOpenOrders: (venue, ...given) => noted('open', venue.fetchOpenOrders(...given)),
    fetchFills: (venue, ...given) => noted('fills', venue.fetchFills(...given)),
    fetchPositions: (venue, ...given) => noted('positions', venue.fetchPositions(...given)),
    fetchAccount: async (venue, ...given) => {
      if (!isRead) await byHand(desk, { ...sell, size: toSize('0.04') });
      return noted('account', venue.fetchAccount(...given));
    },
  } satisfies typeof desk.venue.on);
  await desk.portfolio.reconcile();
  await desk.clock.idle();
  isRead = true;
  return { asked, desk };
}

describe('an account of which something is told while it is read', () => {
  it('default: is asked what stands five seconds later, and for nothing that it has said', async () => {
    const { asked, desk } = await toldMeanwhile();
    await desk.clock.advanceBy(5_000);
    expect(asked).toEqual(['positions', 'account']);
    expect(desk.portfolio.position(place)?.size).toBe('0.06');
    await desk.clock.advanceBy(20_000);
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['more is gone than has filled', { ...sell, size: toSize('0.01') }, '0.05'],
    ['all of it is gone', { ...sell, size: toSize('0.06') }, undefined],
    ['more is there', { size: toSize('0.02') }, '0.08'],
  ] as const)('behavior: where %s, all of it is read at once', async (_, changes, size) => {
    const { asked, desk } = await toldMeanwhile();
    desk.venue.on.tell = () => {};
    await byHand(desk, changes);
    await desk.clock.advanceBy(5_000);
    expect(asked.slice(0, 5)).toEqual(['positions', 'account', 'open', 'fills', 'positions']);
    expect(desk.portfolio.position(place)?.size).toBe(size);
  });

  it('behavior: where the venue does not answer what stands, all of it is read at once', async () => {
    const { asked, desk } = await toldMeanwhile();
    let isFirst = true;
    const { fetchPositions } = desk.venue.on;
    desk.venue.on.fetchPositions = async (venue, ...given) => {
      if (isFirst) {
        isFirst = false;
        throw new VenueError('venue.unreachable', 'No answer.', { retryable: true });
      }
      return fetchPositions?.(venue, ...given) ?? [];
    };
    await desk.clock.advanceBy(5_000);
    expect(asked).toEqual(['open', 'fills', 'positions', 'account']);
    expect(desk.portfolio.health().status).toBe('healthy');
  });

  it('behavior: what is told while that is asked stands as it was told, and is asked after again', async () => {
    const { asked, desk } = await toldMeanwhile();
    const { fetchAccount } = desk.venue.on;
    let isFirst = true;
    desk.venue.on.fetchAccount = async (venue, ...given) => {
      if (isFirst) {
        isFirst = false;
        await byHand(desk, { ...sell, size: toSize('0.01') });
      }
      return fetchAccount?.(venue, ...given) ?? venue.fetchAccount(...given);
    };
    await desk.clock.advanceBy(5_000);
    expect(desk.portfolio.position(place)?.size).toBe('0.05');
    await desk.clock.advanceBy(5_000);
    expect(asked).toEqual(['positions', 'account', 'positions', 'account']);
    expect(desk.portfolio.position(place)?.size).toBe('0.05');
  });
});
