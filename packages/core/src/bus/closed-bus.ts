import { StoreError } from '../errors/store-error.ts';

/** How long closing a bus waits for the handlers that run. */
export const defaultCloseWithinMs = 5_000;

/** What is logged when they take longer. */
export const unfinished = 'handlers were still running when the event bus closed; their events come again';

/** A bus that is not started or closed was asked to do something. */
export const closedBus = (act: string): StoreError =>
  new StoreError('bus.closed', `The event bus is not started or closed and can not ${act}.`);
