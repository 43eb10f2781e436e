import { LocalMarketBus, MemoryEventBus, SeededRandom, SimulatedClock, SortableIdGenerator } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { IndicatorPipeline } from '../../pipeline/indicator-pipeline.ts';
import { MarketDataService } from '../../player/market-data-service.ts';
import { MarketState } from '../../state/market-state.ts';
import { SqlTimeSeriesStore } from '../../store/sql-time-series-store.ts';
import { LivePlayer } from '../live-player.ts';
import { LiveSource } from '../live-source.ts';
import { SimulatedVenue } from './simulated-venue.ts';

/** What a day is made of. */
export interface DayOptions {
  readonly venues: number;
  readonly markets: number;
  readonly hours: number;
  /** A file for the store: what a desk has. Default: in memory. */
  readonly databaseUrl?: string;
  /** Called after each hour. */
  readonly onHour?: (hour: number) => void;
}

/** So late that minutes since the day began fill what is kept of them. */
const startAtMs = Date.UTC(2026, 0, 5, 18);

/**
 * Plays hours of live markets into state, indicators, buses and store, second by second on a simulated clock, as a live desk
 * would take them. Returns what came out.
 */
export async function playDay({ venues, markets, hours, databaseUrl = 'sqlite::memory:', onHour }: DayOptions) {
  const clock = new SimulatedClock({ startAtMs });
  await using database = await openDatabase({ url: databaseUrl, durability: 'normal' });
  const store = new SqlTimeSeriesStore({ database });
  await store.start();
  const marketBus = new LocalMarketBus({ clock });
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('day') });
  const state = new MarketState({ clock });
  const feeds = Array.from(
    { length: venues },
    (_, index) => new SimulatedVenue({ venue: `venue${index}`, markets, startAtMs }),
  );
  // The journal of a desk is on disk: one in memory would grow with the day.
  const eventBus = new MemoryEventBus({ clock, ids, journalSize: 1_000 });
  let closed = 0;
  let trades = 0;
  eventBus.subscribe({ group: 'day', types: ['candle.closed'] }, () => {
    closed += 1;
  });
  marketBus.subscribe({ type: 'trade.received' }, () => {
    trades += 1;
  });
  const service = new MarketDataService({
    ...{ clock, marketBus, eventBus, state, store },
    pipeline: new IndicatorPipeline(),
  });
  const player = new LivePlayer({
    source: new LiveSource({ feeds, clock, stepMs: 1_000, historyBars: 1_500 }),
    service,
  });
  await player.prepare();
  const running = player.run();
  for (let second = 1; second <= hours * 3_600; second += 1) {
    for (const feed of feeds) feed.tick(startAtMs + second * 1_000);
    await clock.advanceTo(startAtMs + second * 1_000);
    if (second % 3_600 === 0) onHour?.(second / 3_600);
  }
  await clock.advanceBy(2_000);
  await player.stop();
  await running;
  await service.stop();
  return { candles: service.counts().candles, closed, trades, counts: service.counts() };
}
