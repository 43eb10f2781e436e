import type { MarketSource } from '@perpdesk/core';

/** The market data of a desk whose venues have not answered: none, until it is stopped. They come in when they answer. */
export const nothingYet: MarketSource = {
  name: 'live',
  instruments: async () => [],
  async *history() {},
  async *steps({ signal } = {}) {
    await new Promise<void>((resolve) => {
      if (signal?.aborted) resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  },
};
