import type { Candle, InstrumentId, Position, Ticker, Usd } from '@perpdesk/core';
import { DeskClient, type JournalEvent, type RoundRecord } from '@perpdesk/core/api';
import { expectTypeOf } from 'vitest';
import {
  type DeskProviderProps,
  DeskStore,
  type ResourceResult,
  useAccounts,
  useCandles,
  useDesk,
  useDeskActions,
  useEvents,
  usePositions,
  useResource,
  useRounds,
  useTicker,
} from './index.ts';

// Each hook that reads is of one shape, and its data is the contract's.
expectTypeOf(useRounds).returns.toEqualTypeOf<ResourceResult<RoundRecord[]>>();
expectTypeOf(useEvents).returns.toEqualTypeOf<ResourceResult<readonly JournalEvent[]>>();
expectTypeOf(useTicker).returns.toEqualTypeOf<ResourceResult<Ticker>>();
expectTypeOf(useCandles).returns.toExtend<ResourceResult<readonly Candle[]>>();
// An instrument is not yet known, or named with its venue.
expectTypeOf(useTicker).parameters.toEqualTypeOf<[InstrumentId | undefined]>();

export function useEverything(): void {
  const accounts = useAccounts();
  expectTypeOf(accounts.status).toEqualTypeOf<'loading' | 'ready' | 'failed'>();
  expectTypeOf(accounts.stale).toBeBoolean();
  expectTypeOf(useResource('/accounts')).toEqualTypeOf(accounts);
  expectTypeOf(usePositions().data?.[0]).toExtend<Position | undefined>();
  // Money stays a decimal string.
  expectTypeOf(accounts.data?.[0]?.equity).toEqualTypeOf<Usd | undefined>();
  // @ts-expect-error data may be missing: it has to be looked at first
  accounts.data[0];
  // A selector's part is what it gives.
  expectTypeOf(useDesk((state) => state.connected)).toBeBoolean();
  expectTypeOf(useDesk((state) => state.tickers['BTC-PERP@hyperliquid']?.last)).toEqualTypeOf<number | undefined>();
  // @ts-expect-error an instrument names its venue
  useTicker('BTC-PERP');
  // @ts-expect-error 2h is no timeframe
  useCandles('BTC-PERP@hyperliquid', '2h');
  // @ts-expect-error there is no such snapshot
  useResource('/wallets');
  // @ts-expect-error approving names the hash of what was shown
  void useDeskActions().approve('signal');
}

// A provider takes a client or a store, not both.
const client = new DeskClient();
expectTypeOf({ client }).toExtend<DeskProviderProps>();
expectTypeOf({ store: new DeskStore({ client }) }).toExtend<DeskProviderProps>();
expectTypeOf({ client, store: new DeskStore({ client }) }).not.toExtend<DeskProviderProps>();
