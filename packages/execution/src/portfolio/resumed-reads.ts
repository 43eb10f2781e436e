import type { VenueAccountReader } from '@perpdesk/core';

interface Answered {
  readonly question: string;
  readonly answer: unknown;
}

/**
 * Reads an account in steps that need not succeed in one go: what was answered is not asked again when the same questions are
 * asked in the same order. From the first other question on, everything is.
 */
export class ResumedReads {
  readonly #venue: VenueAccountReader;
  readonly #answered: Answered[] = [];

  constructor(venue: VenueAccountReader) {
    this.#venue = venue;
  }

  /** The account from the first question on. Each question throws what the venue's answer to it throws. */
  fromStart(): VenueAccountReader {
    const venue = this.#venue;
    const { fetchFunding } = venue;
    let next = 0;
    const ask = async <Answer>(question: readonly unknown[], fetch: () => Promise<Answer>): Promise<Answer> => {
      const index = next++;
      const text = JSON.stringify(question);
      const known = this.#answered[index];
      if (known?.question === text) return known.answer as Answer;
      this.#answered.length = index;
      const answer = await fetch();
      this.#answered[index] = { question: text, answer };
      return answer;
    };
    return {
      fetchOrder: (userId, id, options) =>
        ask(['order', userId, id, options?.instrumentId], () => venue.fetchOrder(userId, id, options)),
      fetchOpenOrders: (userId, options) => ask(['open', userId], () => venue.fetchOpenOrders(userId, options)),
      fetchPositions: (userId, options) => ask(['positions', userId], () => venue.fetchPositions(userId, options)),
      fetchFills: (userId, sinceMs, options) =>
        ask(['fills', userId, sinceMs], () => venue.fetchFills(userId, sinceMs, options)),
      fetchAccount: (userId, options) => ask(['account', userId], () => venue.fetchAccount(userId, options)),
      ...(fetchFunding === undefined
        ? {}
        : {
            fetchFunding: (userId, sinceMs, options) =>
              ask(['funding', userId, sinceMs], () => fetchFunding.call(venue, userId, sinceMs, options)),
          }),
    };
  }
}
