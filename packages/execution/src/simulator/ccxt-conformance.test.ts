import { SimulatedClock, toPrice, toSize, toUsd } from '@perpdesk/core';
import ccxt from 'ccxt';
import { describe, expect, it } from 'vitest';
import { HyperliquidSimulator } from './hyperliquid-simulator.ts';
import { quote, quotedExchange, stranger, trader } from './testing/quoted-exchange.ts';

const symbol = 'BTC/USDC:USDC';
const cloid = (number: number) => `0x${number.toString(16).padStart(32, '0')}`;

/** ccxt's hyperliquid as it is: only its addresses are set. */
async function client(exchange: HyperliquidSimulator, wallet = trader) {
  const venue = new ccxt.pro.hyperliquid({
    walletAddress: wallet.address,
    privateKey: wallet.privateKey,
    enableRateLimit: false,
  });
  venue.urls.api = { public: exchange.url, private: exchange.url, ws: { public: exchange.wsUrl } };
  await venue.loadHttpProxyAgent();
  return Object.assign(venue, { [Symbol.asyncDispose]: () => venue.close() });
}

describe('ccxt hyperliquid', () => {
  it('default: markets, books, candles, funding and status are read', async () => {
    await using exchange = await quotedExchange();
    await using venue = await client(exchange);
    const markets = await venue.loadMarkets();
    expect(Object.keys(markets)).toEqual([symbol, 'ETH/USDC:USDC', 'SOL/USDC:USDC']);
    expect(markets[symbol]).toMatchObject({
      swap: true,
      precision: { amount: 0.00001, price: 1 },
      limits: { leverage: { max: 40 }, cost: { min: 10 } },
    });
    const book = await venue.fetchOrderBook(symbol);
    expect([book.bids[0], book.asks[0]]).toEqual([
      [49_990, 20],
      [50_010, 20],
    ]);
    exchange.engine.marketTrade('BTC', 'buy', toPrice(50_010), toSize('0.5'));
    const [candle] = await venue.fetchOHLCV(symbol, '1m');
    expect(candle?.slice(1)).toEqual([50_010, 50_010, 50_010, 50_010, 0.5]);
    const ticker = await venue.fetchTicker(symbol);
    expect([ticker.last, ticker.close, ticker.bid, ticker.ask]).toEqual([50_000, 50_000, 49_990, 50_010]);
    const funding = await venue.fetchFundingRates([symbol]);
    expect(funding[symbol]).toMatchObject({ markPrice: 50_000, indexPrice: 50_000, interval: '1h' });
    expect((await venue.fetchStatus()).status).toBe('ok');
  });

  it('default: an order is placed, edited, found by its client id, and cancelled', async () => {
    await using exchange = await quotedExchange();
    await using venue = await client(exchange);
    const placed = await venue.createOrder(symbol, 'limit', 'buy', 0.5, 49_000, { clientOrderId: cloid(1) });
    expect(placed.clientOrderId).toBe(cloid(1));
    const found = await venue.fetchOrder('', symbol, { clientOrderId: cloid(1) });
    expect(found).toMatchObject({
      id: placed.id,
      status: 'open',
      price: 49_000,
      amount: 0.5,
      remaining: 0.5,
      side: 'buy',
    });
    await venue.editOrder(String(placed.id), symbol, 'limit', 'buy', 0.4, 48_900, { clientOrderId: cloid(1) });
    const [open] = await venue.fetchOpenOrders(symbol);
    expect(open).toMatchObject({ price: 48_900, amount: 0.4, clientOrderId: cloid(1) });
    expect(open?.id).not.toBe(placed.id);
    await venue.cancelOrder('', symbol, { clientOrderId: cloid(1) });
    expect(await venue.fetchOpenOrders(symbol)).toEqual([]);
    const both = await venue.createOrders([
      { symbol, type: 'limit', side: 'buy', amount: 0.1, price: 48_000, params: { postOnly: true } },
      { symbol, type: 'limit', side: 'sell', amount: 0.1, price: 52_000 },
    ] as never);
    expect(both.map((order) => order.id)).toHaveLength(2);
    await venue.cancelOrders(
      both.map((order) => String(order.id)),
      symbol,
    );
    expect((await venue.fetchCanceledOrders(symbol)).length).toBeGreaterThanOrEqual(3);
    await expect(venue.cancelOrder('1', symbol)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    await expect(venue.fetchOrder('123456', symbol)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  });

  it('default: leverage, a market order, its position, balance, trades and the order with its exits', async () => {
    await using exchange = await quotedExchange();
    await using venue = await client(exchange);
    await venue.setLeverage(5, symbol, { marginMode: 'isolated' });
    const order = await venue.createOrder(symbol, 'market', 'buy', 0.4, 50_000, {
      stopLoss: { triggerPrice: 49_000, type: 'market' },
      takeProfit: { triggerPrice: 52_000, type: 'market' },
    });
    expect(order).toMatchObject({ filled: 0.4, average: 50_010 });
    const [position] = await venue.fetchPositions([symbol]);
    expect(position).toMatchObject({
      side: 'long',
      contracts: 0.4,
      entryPrice: 50_010,
      leverage: 5,
      marginMode: 'isolated',
      notional: 20_000,
      unrealizedPnl: -4,
    });
    expect(position?.liquidationPrice).toBeLessThan(42_000);
    const balance = await venue.fetchBalance();
    expect(balance.USDC).toMatchObject({ total: 99_986.9982, used: 3_996.8 });
    const exits = await venue.fetchOpenOrders(symbol);
    expect(exits.map((exit) => [exit.triggerPrice, exit.reduceOnly, exit.side]).sort()).toEqual([
      [49_000, true, 'sell'],
      [52_000, true, 'sell'],
    ]);
    const stop = exits.find((exit) => exit.stopLossPrice === 49_000);
    expect(stop?.price).toBe(46_550);
    const [trade] = await venue.fetchMyTrades(symbol);
    expect(trade).toMatchObject({
      price: 50_010,
      amount: 0.4,
      side: 'buy',
      takerOrMaker: 'taker',
      fee: { cost: 9.0018, currency: 'USDC' },
    });
    quote(exchange, 'BTC', 48_900);
    expect(await venue.fetchPositions([symbol])).toEqual([]);
    expect(await venue.fetchOpenOrders(symbol)).toEqual([]);
  });

  it('default: orders, own trades, books, trades and candles are watched', async () => {
    await using exchange = await quotedExchange();
    await using venue = await client(exchange);
    await venue.loadMarkets();
    expect((await venue.watchOrderBook(symbol)).bids[0]).toEqual([49_990, 20]);
    const orders = venue.watchOrders(symbol);
    const mine = venue.watchMyTrades(symbol);
    const candles = venue.watchOHLCV(symbol, '1m');
    const trades = venue.watchTrades(symbol);
    // The socket keeps the order: what it answers last was subscribed last.
    expect((await venue.watchBalance()).USDC).toMatchObject({ total: 100_000 });
    await venue.createOrder(symbol, 'limit', 'buy', 0.1, 50_010, { clientOrderId: cloid(5) });
    expect((await orders).at(-1)).toMatchObject({ clientOrderId: cloid(5), status: 'closed', filled: 0.1 });
    expect(await mine).toMatchObject([{ price: 50_010, amount: 0.1 }]);
    expect((await trades).at(-1)).toMatchObject({ price: 50_010, amount: 0.1, side: 'buy' });
    expect((await candles).at(-1)?.[4]).toBe(50_010);
    const book = venue.watchOrderBook(symbol);
    quote(exchange, 'BTC', 51_000);
    expect((await book).bids[0]?.[0]).toBe(50_990);
    const rested = await venue.createOrderWs(symbol, 'limit', 'buy', 0.1, 45_000);
    const edited = await venue.editOrderWs(String(rested.id), symbol, 'limit', 'buy', 0.1, 44_000);
    expect(edited.id).not.toBe(rested.id);
    await venue.cancelOrderWs(String(edited.id), symbol);
    expect(await venue.fetchOpenOrders(symbol)).toEqual([]);
  });

  it('behavior: what the unmodified client sends of fees and referrers is seen', async () => {
    await using exchange = await quotedExchange();
    await using venue = await client(exchange);
    await venue.createOrder(symbol, 'limit', 'buy', 0.1, 49_000);
    expect(exchange.unwanted.map((action) => action.kind).sort()).toEqual(['builder', 'builder-approval', 'referrer']);
    expect(exchange.unwanted.find((action) => action.kind === 'builder')?.action.builder).toMatchObject({ f: 10 });
    await using silent = await client(exchange);
    silent.initializeClient = async () => true;
    await silent.createOrder(symbol, 'limit', 'buy', 0.1, 49_000);
    expect(exchange.unwanted).toHaveLength(3);
  });

  it('error: a stranger’s signature is nobody’s, refusals become ccxt’s errors', async () => {
    await using exchange = await quotedExchange();
    await using nobody = await client(exchange, stranger);
    await expect(nobody.createOrder(symbol, 'limit', 'buy', 0.1, 49_000)).rejects.toThrow(
      `User or API Wallet ${stranger.address} does not exist.`,
    );
    await using venue = await client(exchange);
    await expect(venue.createOrder(symbol, 'limit', 'buy', 1_000, 49_000)).rejects.toBeInstanceOf(
      ccxt.InsufficientFunds,
    );
    await expect(venue.createOrder(symbol, 'limit', 'buy', 0.0001, 49_000)).rejects.toBeInstanceOf(ccxt.InvalidOrder);
  });

  it('behavior: on virtual time, without a socket: only its fetch and its clock are given to the client', async () => {
    const clock = new SimulatedClock({ startAtMs: 1_735_689_600_000 });
    const exchange = new HyperliquidSimulator({
      clock,
      accounts: { [trader.address]: toUsd(1_000) },
      market: { seed: 3 },
      faults: [{ kind: 'late', verbs: ['order'], delayMs: 5_000 }],
    });
    exchange.run();
    const venue = new ccxt.pro.hyperliquid({
      walletAddress: trader.address,
      privateKey: trader.privateKey,
      enableRateLimit: false,
    });
    venue.urls.api = { public: 'http://exchange', private: 'http://exchange' };
    Object.assign(venue, { fetchImplementation: exchange.fetch, milliseconds: () => clock.nowMs() });
    const placing = venue.createOrder(symbol, 'limit', 'buy', 0.01, 60_000, { clientOrderId: cloid(3) });
    const placedAtMs = placing.then(() => clock.nowMs());
    await clock.advanceBy(10_000);
    expect((await placedAtMs) - 1_735_689_600_000).toBe(5_000);
    expect(exchange.engine.openOrders(trader.address)).toMatchObject([
      { clientOrderId: cloid(3), limitPrice: '60000' },
    ]);
    await exchange.stop();
  });
});
