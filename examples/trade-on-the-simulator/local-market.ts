import { type Clock, type EventBus, LocalMarketBus, toUsd } from '@perpdesk/core';
import { CcxtFeed, IndicatorPipeline, LivePlayer, LiveSource, MarketDataService, MarketState } from '@perpdesk/data';
import { hyperliquidAssets, startSimulator } from '@perpdesk/execution/simulator';
import { agent, walletAddress } from './trader.ts';

/** An exchange of your own whose market moves by chance, and its prices as a feed hears them over the exchange's socket. */
export async function startLocalMarket(clock: Clock, eventBus: EventBus) {
  const exchange = await startSimulator({
    ...{ assets: hyperliquidAssets.filter(({ coin }) => coin === 'ETH'), market: { seed: 3 }, rateLimits: 'off' },
    accounts: { [walletAddress]: toUsd(5_000) },
  });
  exchange.approveAgent(walletAddress, agent.address);
  const endpoints = { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') };
  // Without `endpoints` it would be Hyperliquid's market.
  const feed = new CcxtFeed({ venue: 'hyperliquid', clock, endpoints });
  await feed.start();
  const instruments = await feed.fetchInstruments();
  const marketView = new MarketState({ clock });
  const parts = { marketBus: new LocalMarketBus({ clock }), state: marketView, pipeline: new IndicatorPipeline() };
  const service = new MarketDataService({ clock, eventBus, ...parts });
  const player = new LivePlayer({ source: new LiveSource({ feeds: [feed], clock, historyWithinMs: 1_000 }), service });
  await player.prepare();
  void player.run();
  while (instruments.some(({ id }) => marketView.ticker(id) === undefined)) await clock.sleep(20);
  const stop = async () => {
    await player.stop();
    await feed.stop();
    await exchange.stop();
  };
  return { exchange, endpoints, instruments, marketView, stop };
}
