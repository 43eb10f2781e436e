import type {
  Clock,
  Logger,
  PredictionBook,
  PredictionContract,
  PredictionTrade,
  PredictionUpdate,
  Random,
  Unsubscribe,
} from '@perpdesk/core';
import type { CcxtClient } from '@perpdesk/core/ccxt';
import type { PredictionTiming } from './prediction-timing.ts';
import type { TokenFact } from './prediction-venue.ts';

/** What streams of contracts are made of. */
export interface ContractStreamOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly timing: PredictionTiming;
  client(): Promise<CcxtClient>;
  book(contract: PredictionContract): Promise<PredictionBook>;
  trades(contract: PredictionContract): Promise<readonly PredictionTrade[]>;
  /** The contract as it is now. */
  renew(contract: PredictionContract): Promise<PredictionContract>;
}

/** How contracts of one venue are watched. */
export interface ContractStream {
  watch(contract: PredictionContract, listener: (update: PredictionUpdate) => void): Unsubscribe;
  /** What a socket said. */
  heard(url: string, facts: readonly TokenFact[]): void;
  close(): Promise<void>;
}
