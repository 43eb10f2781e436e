import type { PredictionContract, PredictionSource, PredictionUpdate, Unsubscribe } from '@perpdesk/core';

const unused = async (): Promise<never> => {
  throw new Error('not asked');
};

/** A source whose contracts say what a test tells them to. */
export class ScriptedSource implements PredictionSource {
  readonly venue: PredictionContract['venue'];
  readonly search = unused;
  readonly resolve = unused;
  readonly fetchBook = unused;
  readonly fetchTrades = unused;
  readonly listeners = new Map<string, (update: PredictionUpdate) => void>();

  constructor(venue: PredictionContract['venue']) {
    this.venue = venue;
  }

  watch([contract]: readonly PredictionContract[], listener: (update: PredictionUpdate) => void): Unsubscribe {
    const contractId = contract?.id ?? '';
    this.listeners.set(contractId, listener);
    return () => this.listeners.delete(contractId);
  }

  /** Tells who watches the contract. */
  say(contractId: string, update: PredictionUpdate): void {
    this.listeners.get(contractId)?.(update);
  }

  async close(): Promise<void> {}
}
