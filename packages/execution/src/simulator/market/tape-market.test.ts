import { type Instrument, type MarketObservation, SimulatedClock, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { EngineFill } from '../engine/exchange-engine.ts';
import { toInstrument } from '../engine/listed-asset.ts';
import { SimulatedExchange } from '../engine/simulated-exchange.ts';
import { TapeMarket } from './tape-market.ts';

const hourMs = 3_600_000;
const startAtMs = Date.UTC(2026, 0, 5, 0, 59);
const alice = '0xa';
const sol = { coin: 'SOL', sizeDecimals: 2, maxLeverage: 20, marginTiers: [] };

function tape() {
  const clock = new SimulatedClock({ startAtMs });
  const engine = new SimulatedExchange({ clock, assets: [sol] });
  engine.deposit(alice, toUsd(10_000));
  const fills: EngineFill[] = [];
  engine.on((event) => {
    if (event.kind === 'fill') fills.push(event.fill);
  });
  const instrument = toInstrument(sol);
  const market = new TapeMarket({ engine, instruments: [instrument] });
  const take = (...observations: MarketObservation[]): void => market.take({ observations });
  return { clock, engine, fills, instrument, market, take };
}

const at = { exchangeAtMs: startAtMs, receivedAtMs: startAtMs };
type Levels = [number, number][];
const book = ({ id: instrumentId }: Instrument, bids: Levels, asks: Levels): MarketObservation => ({
  kind: 'book',
  book: { instrumentId, bids, asks, sequence: 1, ...at },
});
const ticker = ({ id: instrumentId }: Instrument, mark: number): MarketObservation => ({
  kind: 'ticker',
  ticker: { instrumentId, last: mark, mark, index: mark - 0.5, bid: mark - 0.01, ask: mark + 0.01, ...at },
});
const trade = (
  { id: instrumentId }: Instrument,
  side: 'buy' | 'sell',
  price: number,
  size: number,
): MarketObservation => ({
  kind: 'trade',
  trade: { instrumentId, id: '1', side, price, size, ...at },
});
const funding = ({ id: instrumentId }: Instrument, rate: number, predicted: boolean): MarketObservation => ({
  kind: 'funding',
  funding: { instrumentId, rate, intervalMs: hourMs, settlesAtMs: startAtMs + 60_000, predicted, ...at },
});
const buy = (size: number, limitPrice: number, timeInForce: 'gtc' | 'ioc' = 'gtc') =>
  ({
    coin: 'SOL',
    side: 'buy',
    size: toSize(size),
    limitPrice: toPrice(limitPrice),
    timeInForce,
    reduceOnly: false,
  }) as const;

describe('TapeMarket', () => {
  it('default: book, mark and oracle are those of the tape, on the grid of the exchange', () => {
    const { engine, instrument, take } = tape();
    take(
      book(
        instrument,
        [
          [99.98999999999999, 0.7 + 0.1],
          [99.985, 0.001],
        ],
        [[100.01, 3]],
      ),
      ticker(instrument, 100),
    );
    expect(engine.book('SOL').bids).toEqual([{ price: '99.99', size: '0.8', count: 1 }]);
    expect(engine.book('SOL').asks).toEqual([{ price: '100.01', size: '3', count: 1 }]);
    expect([engine.markPrice('SOL'), engine.oraclePrice('SOL')]).toEqual(['100', '99.5']);
  });

  it('behavior: a trade of the tape fills what rests when the queue before it is gone', () => {
    const { engine, fills, instrument, take } = tape();
    take(book(instrument, [[99, 2]], [[101, 2]]), ticker(instrument, 100));
    engine.place(alice, [buy(1, 99)], 'na');
    take(trade(instrument, 'sell', 99, 1.5));
    expect(fills).toEqual([]);
    take(trade(instrument, 'sell', 99, 1));
    expect(fills).toMatchObject([{ price: '99', size: '0.5', crossed: false }]);
  });

  it('behavior: trades come before the book that they left, and the mark after both', () => {
    const { engine, fills, instrument, take } = tape();
    take(book(instrument, [[99, 2]], [[101, 5]]), ticker(instrument, 100));
    engine.place(alice, [buy(1, 99)], 'na');
    engine.place(alice, [buy(2, 101, 'ioc')], 'na');
    const trigger = { price: toPrice(99.5), market: true, kind: 'stop-loss' } as const;
    const stop = { ...buy(2, 90), side: 'sell', reduceOnly: true, trigger } as const;
    engine.place(alice, [stop], 'positionTpsl');
    // Told the other way round: the trade still meets the old queue, the new book what is left, and the stop the new book.
    take(ticker(instrument, 98), book(instrument, [[97.5, 9]], [[98.5, 9]]), trade(instrument, 'sell', 99, 2.4));
    expect(fills.map(({ side, price, size }) => [side, price, size])).toEqual([
      ['buy', '101', '2'],
      ['buy', '99', '0.4'],
      ['buy', '99', '0.6'],
      // A stop of the position is over what was bought since, too.
      ['sell', '97.5', '3'],
    ]);
  });

  it('behavior: without a book everybody trades at the touch of the ticker, moved by the slippage', () => {
    const { engine, instrument, take } = tape();
    take(ticker(instrument, 100));
    // 99.99 and 100.01, 0.05 % beyond, rounded against the taker.
    expect(engine.book('SOL').bids.map(({ price }) => price)).toEqual(['99.94']);
    expect(engine.book('SOL').asks.map(({ price }) => price)).toEqual(['100.07']);
    take(book(instrument, [[99, 1]], [[101, 1]]));
    take(ticker(instrument, 100));
    expect(engine.book('SOL').bids.map(({ price }) => price)).toEqual(['99']);
  });

  it('behavior: without books and trades a minute meets what rests within it, with a share of its volume', () => {
    const { engine, fills, instrument, take } = tape();
    let minutes = 0;
    const bar = (low: number, high: number, volume: number): MarketObservation => ({
      kind: 'candle',
      candle: {
        instrumentId: instrument.id,
        timeframe: '1m',
        openAtMs: startAtMs + 60_000 * minutes++,
        open: 100,
        high,
        low,
        close: 100,
        volume,
      },
    });
    take(ticker(instrument, 100));
    engine.place(alice, [buy(3, 99)], 'na');
    // To its price is not beyond it.
    take(bar(99, 101, 50), ticker(instrument, 100));
    expect(fills).toEqual([]);
    take(bar(98.99, 101, 20), ticker(instrument, 100));
    expect(fills).toMatchObject([{ price: '99', size: '2', crossed: false }]);
    engine.place(alice, [{ ...buy(1, 101), side: 'sell', reduceOnly: true }], 'na');
    take(bar(99.5, 101.01, 50), ticker(instrument, 100));
    expect(fills[1]).toMatchObject({ side: 'sell', price: '101', size: '1', crossed: false });
    // Once there are trades, they say what happened.
    take(trade(instrument, 'buy', 100, 1));
    take(bar(90, 110, 500), ticker(instrument, 100));
    expect(fills).toHaveLength(2);
  });

  it('behavior: funding settles at the rate that the tape tells only afterwards', async () => {
    const { clock, engine, instrument, market, take } = tape();
    const paid: (readonly [string, string])[] = [];
    engine.on((event) => {
      if (event.kind === 'funding') paid.push([event.rate, event.usd]);
    });
    take(book(instrument, [[99, 5]], [[101, 5]]), ticker(instrument, 100), funding(instrument, 0.0001, true));
    engine.place(alice, [buy(1, 101, 'ioc')], 'na');
    const step = { observations: [funding(instrument, 0.0003, false)] };
    market.foretell(step);
    await clock.advanceTo(startAtMs + 60_000);
    market.take(step);
    engine.advance(clock.nowMs());
    expect(paid).toEqual([['0.0003', '-0.02985']]);
  });

  it('edge: what the exchange does not list is passed over', () => {
    const { engine, take } = tape();
    const other = toInstrument({ ...sol, coin: 'BTC' });
    take(book(other, [[1, 1]], [[2, 1]]), ticker(other, 1), trade(other, 'buy', 2, 1), funding(other, 0.1, true));
    expect(engine.book('SOL').bids).toEqual([]);
  });
});
