import type { PredictionUpdate } from '@perpdesk/core';

/** What a watched contract said, and waiting for it to say something. */
export class UpdateLog {
  readonly updates: PredictionUpdate[] = [];
  readonly #waiting = new Set<() => void>();

  readonly listen = (update: PredictionUpdate): void => {
    this.updates.push(update);
    for (const look of this.#waiting) look();
  };

  /** Resolves once what was said fits. */
  async until(fits: (updates: readonly PredictionUpdate[]) => boolean): Promise<void> {
    if (fits(this.updates)) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!fits(this.updates)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  /** In few words, in order. */
  words(): readonly string[] {
    return this.updates.map(wordsOf);
  }
}

function wordsOf(update: PredictionUpdate): string {
  switch (update.kind) {
    case 'quote':
      return `quote ${update.quote.bid} ${update.quote.ask}`;
    case 'trade':
      return `trade ${update.trade.side} ${update.trade.size} at ${update.trade.price}`;
    case 'gap':
      return `gap ${update.reason}`;
    case 'status':
      return update.status;
    case 'resolved':
      return `resolved ${update.contract.resolution}`;
  }
}
