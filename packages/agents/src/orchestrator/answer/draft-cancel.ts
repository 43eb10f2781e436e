import { marketOf, type Order } from '@perpdesk/core';
import type { CommandOf } from '../route/chat-command.ts';
import { ask, askFor, type Draft, type DraftState } from './draft.ts';
import { named } from './fact.ts';
import { listed, showExact } from './show.ts';

/** Drafts cancelling one of the user's own orders, never one that protects a position. Where several fit, it asks which. */
export function draftCancel({ order: id, market }: CommandOf<'cancel-order'>, { mine }: DraftState): Draft {
  if (id === null && market === null && mine.openOrders.length !== 1) {
    if (mine.openOrders.length === 0) return ask('You have no open orders.');
    return askFor(['the order'], 'cancel order <its number>, or cancel my <market> order');
  }
  const matching = mine.openOrders.filter(
    (order) =>
      (id === null || order.clientOrderId.startsWith(id)) &&
      (market === null || marketOf(order.instrumentId) === market),
  );
  // By its market only what brings risk is meant: a stop is never hit by a word that was not about it.
  const fitting = id === null ? matching.filter(({ purpose }) => purpose === 'entry') : matching;
  const [order] = fitting;
  if (order === undefined) {
    const of = `${id === null ? '' : ` with the number ${id}`}${market === null ? '' : ` in ${named(market)}`}`;
    return ask(id === null ? `You have no open entry order${of}.` : `You have no open order${of}.`);
  }
  if (fitting.length > 1)
    return ask(
      `You have several: ${listed(fitting.slice(0, 8).map(told))}. Say which by its number.`,
      fitting.slice(0, 8).map(citationOf),
    );
  if (order.purpose === 'stop-loss' || order.purpose === 'take-profit')
    return ask(
      `Order ${order.clientOrderId.slice(0, 8)} protects a position, and no chat takes a protection away. Close the position, or change its levels where it is shown.`,
      [citationOf(order)],
    );
  return {
    outcome: 'action',
    action: { kind: 'cancel-order', clientOrderId: order.clientOrderId },
    citations: [citationOf(order)],
  };
}

const told = ({ clientOrderId, side, size, instrumentId, price }: Order): string =>
  `${clientOrderId.slice(0, 8)} (${side} ${showExact(size)} ${named(marketOf(instrumentId))}${price === undefined ? '' : ` at ${showExact(price)}`})`;

const citationOf = ({ clientOrderId, updatedAtMs }: Order) =>
  ({ kind: 'order', id: clientOrderId, atMs: updatedAtMs }) as const;
