import {
  type Instrument,
  LocalMarketBus,
  type OrderIntent,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  type Ticker,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { deriveClientOrderId, HmacApprovalAuthority } from '@perpdesk/core/security';
import { StaticMarketView } from '@perpdesk/core/testing';
import { PaperVenue } from '@perpdesk/execution';

const nowMs = Date.UTC(2026, 0, 5, 12);
const clock = new SimulatedClock({ startAtMs: nowMs });
const [instrumentId, market] = ['BTC-PERP@hyperliquid', 'BTC-PERP'] as const;
const rate = toRate('0.0125');
const btc: Instrument = {
  ...{ id: instrumentId, market, venue: 'hyperliquid', base: 'BTC', quote: 'USDC', settle: 'USDC', status: 'trading' },
  ...{ contract: 'linear', contractSize: toSize(1), priceRule: { kind: 'tick', tick: toPrice('0.1') } },
  ...{ lotSize: toSize('0.001'), minSize: toSize('0.001'), minNotional: toUsd(10), fundingIntervalMs: 3_600_000 },
  ...{ makerFeeRate: toRate('0.0002'), takerFeeRate: toRate('0.0005') },
  marginTiers: [
    { notionalFrom: toUsd(0), maxLeverage: 40, maintenanceMarginRate: rate, maintenanceDeduction: toUsd(0) },
  ],
};
const tickers: Ticker[] = [];
const marketBus = new LocalMarketBus({ clock });
const marketView = new StaticMarketView({ clock, instruments: [btc], tickers });
async function price(bid: number): Promise<void> {
  const moments = { exchangeAtMs: clock.nowMs(), receivedAtMs: clock.nowMs() };
  const ticker = { instrumentId, last: bid, mark: bid, bid, ask: bid + 1, ...moments };
  tickers.push(ticker);
  await marketBus.publish('ticker.updated', instrumentId, ticker);
  await clock.idle();
}

// In a desk only Brix holds the authority; a venue takes nothing that it has not signed.
const authority = new HmacApprovalAuthority({
  clock,
  ids: new SortableIdGenerator({ clock, random: new SeededRandom(1) }),
});
const database = await openDatabase({ url: 'sqlite::memory:' });
const paper = new PaperVenue({ clock, database, marketBus, marketView, verifier: authority.verifier() });
await paper.start();
paper.watch('ada', (update) => {
  if (update.kind !== 'fill') return;
  const { side, size, price: at, fee, realizedPnl } = update.fill;
  console.log(`${side} ${size} at ${at}, fee ${fee}, realised ${realizedPnl}`);
});

await price(60_000);
const shared = { userId: 'ada', venue: 'paper', instrumentId, size: toSize('0.1'), timeInForce: 'gtc' } as const;
const stopLoss = toPrice(59_400);
const legs: OrderIntent[] = [
  {
    ...{ ...shared, clientOrderId: deriveClientOrderId('readme', 'entry'), side: 'buy', type: 'market', leverage: 3 },
    ...{ reduceOnly: false, purpose: 'entry', origin: 'api', stopLoss },
  },
  {
    ...{ ...shared, clientOrderId: deriveClientOrderId('readme', 'stop'), side: 'sell', type: 'stop-market' },
    ...{ reduceOnly: true, purpose: 'stop-loss', origin: 'api', triggerPrice: stopLoss },
  },
];
for (const leg of legs) console.log((await paper.place(authority.mint(leg, 'decision:readme'))).outcome);
const forged = await paper.place({
  ...authority.mint(legs[0] as OrderIntent, 'x'),
  intent: { ...(legs[0] as OrderIntent), size: toSize(9) },
});
console.log(forged.outcome === 'rejected' ? forged.rejection.code : forged.outcome);
await price(59_300);
console.log(`equity ${(await paper.fetchAccount('ada')).equity}`);
