import {
  Decimal,
  type Instrument,
  type InstrumentId,
  type OrderIntent,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { openPaperAccount, type PaperAccount } from './paper-account.ts';
import type { PaperContext, PaperQuote, PaperRules } from './paper-context.ts';
import { type PlaceResult, placeOrder } from './place-order.ts';

/** An instrument for tests: tick 0.1, lot 0.001, 40× at 1.25 % maintenance, maker 0.01 %, taker 0.05 %, funding each hour. */
export const exampleInstrument = (changes: Partial<Instrument> = {}): Instrument => ({
  id: 'BTC-PERP@hyperliquid',
  market: 'BTC-PERP',
  venue: 'hyperliquid',
  base: 'BTC',
  quote: 'USDC',
  settle: 'USDC',
  contract: 'linear',
  contractSize: toSize('1'),
  priceRule: { kind: 'tick', tick: toPrice('0.1') },
  lotSize: toSize('0.001'),
  minSize: toSize('0.001'),
  minNotional: toUsd('10'),
  marginTiers: [
    {
      notionalFrom: toUsd('0'),
      maxLeverage: 40,
      maintenanceMarginRate: toRate('0.0125'),
      maintenanceDeduction: toUsd('0'),
    },
  ],
  makerFeeRate: toRate('0.0001'),
  takerFeeRate: toRate('0.0005'),
  fundingIntervalMs: 3_600_000,
  status: 'trading',
  ...changes,
});

/** The rules of tests: no slippage, no latency, a tenth of a bar's volume. */
export const exampleRules = (changes: Partial<PaperRules> = {}): PaperRules => ({
  asset: 'USDC',
  slippage: new Decimal(0),
  volumeShare: new Decimal('0.1'),
  latencyMs: 0,
  cancelLatencyMs: 0,
  latencyJitterMs: 0,
  latencySeed: 'paper',
  ...changes,
});

/** A context for tests over some instruments and their marks. */
export function exampleContext(
  options: {
    readonly atMs?: number;
    readonly instruments?: readonly Instrument[];
    readonly marks?: Readonly<Record<InstrumentId, number>>;
    readonly rules?: Partial<PaperRules>;
    readonly fundingRate?: number;
  } = {},
): PaperContext {
  const instruments = options.instruments ?? [exampleInstrument()];
  return {
    venue: 'paper',
    rules: exampleRules(options.rules),
    atMs: options.atMs ?? 0,
    instrument: (id) => instruments.find((instrument) => instrument.id === id),
    mark: (id) => options.marks?.[id],
    fundingRate: () => options.fundingRate,
  };
}

export const exampleAccount = (deposits = 10_000): PaperAccount => openPaperAccount('alice', new Decimal(deposits));

/** A quote with the mark between bid and ask. */
export const exampleQuote = (bid: number, ask: number, book?: PaperQuote['book']): PaperQuote => ({
  mark: (bid + ask) / 2,
  bid,
  ask,
  ...(book === undefined ? {} : { book }),
});

let made = 0;

/** A market buy of 1 for tests, under an id of its own. */
export const examplePaperIntent = (changes: Partial<OrderIntent> = {}): OrderIntent => {
  made += 1;
  return {
    clientOrderId: made.toString(16).padStart(32, '0'),
    userId: 'alice',
    venue: 'paper',
    instrumentId: 'BTC-PERP@hyperliquid',
    side: 'buy',
    type: 'market',
    size: toSize('1'),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    origin: 'manual',
    leverage: 10,
    ...changes,
  };
};

/** Places and gives the account after it. @throws when refused. */
export function placed(
  account: PaperAccount,
  intent: OrderIntent,
  quote: PaperQuote,
  context: PaperContext,
): PaperAccount {
  const result: PlaceResult = placeOrder({
    account,
    intent,
    instrument: context.instrument(intent.instrumentId) ?? exampleInstrument(),
    quote,
    context,
  });
  if (result.outcome === 'rejected') throw new Error(`${result.rejection.code}: ${result.rejection.message}`);
  return result.transition.account;
}
