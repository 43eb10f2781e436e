import type {
  PredictionBook,
  PredictionContract,
  PredictionPage,
  PredictionQuery,
  PredictionTrade,
} from '@perpdesk/core';
import type { CcxtClient } from '@perpdesk/core/ccxt';
import type { PredictionReference } from './prediction-reference.ts';

/** What a venue's reading has at hand. */
export interface PredictionDesk {
  readonly client: Pick<CcxtClient, 'askEndpoint'>;
  nowMs(): number;
  /** Counts what can not be what it says, and samples it to the log. */
  refuse(reason: string, payload: unknown): void;
}

/** What a socket message tells of tokens. */
export type TokenFact =
  | {
      readonly kind: 'book';
      readonly token: string;
      readonly book: Pick<PredictionBook, 'bids' | 'asks' | 'exchangeAtMs'>;
    }
  | {
      readonly kind: 'level';
      readonly token: string;
      readonly side: 'buy' | 'sell';
      readonly price: number;
      readonly size: number;
      readonly exchangeAtMs: number;
      /** What the venue says is best after it; undefined where it does not, or a side is empty. */
      readonly best: { readonly bid: number | undefined; readonly ask: number | undefined };
    }
  | {
      readonly kind: 'trade';
      readonly token: string;
      readonly trade: Pick<PredictionTrade, 'side' | 'price' | 'size' | 'exchangeAtMs'>;
    }
  | { readonly kind: 'resolved'; readonly tokens: readonly string[] };

/** What differs from one prediction market to the next, and nothing else. */
export interface PredictionVenue {
  readonly venue: PredictionContract['venue'];
  /** All contracts a reference means; none where there are none. */
  find(desk: PredictionDesk, reference: PredictionReference): Promise<readonly PredictionContract[]>;
  search(desk: PredictionDesk, query: PredictionQuery): Promise<PredictionPage>;
  book(desk: PredictionDesk, contract: PredictionContract): Promise<PredictionBook>;
  trades(desk: PredictionDesk, contract: PredictionContract, limit: number): Promise<readonly PredictionTrade[]>;
  /** Where the venue has a socket: what a message tells. Left out: contracts are asked for again and again. */
  readFrame?(desk: Pick<PredictionDesk, 'refuse'>, frame: unknown): readonly TokenFact[];
}
