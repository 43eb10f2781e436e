import { type DeadMansSwitch, type ExecutionVenue, type OrderIntent, toPrice, toSize } from '@perpdesk/core';
import { expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { TradingDesk } from '../testing/trading-desk.ts';
import { VenueDirectory } from '../venue/venue-directory.ts';
import { DeadMansSwitchService } from './dead-mans-switch-service.ts';

it('behavior: a position keeps the switch off though nothing but an entry rests: its stop may be on its way', async () => {
  const desk = await TradingDesk.open({ user: { venues: ['paper'] } });
  try {
    await desk.price(60_000);
    await desk.portfolio.start();
    const told: string[] = [];
    const deadMansSwitch: DeadMansSwitch = {
      shortestMs: 5_000,
      unavailable: () => undefined,
      arm: async () => {
        told.push('arm');
        return { outcome: 'accepted' };
      },
      disarm: async () => {
        told.push('disarm');
        return { outcome: 'accepted' };
      },
    };
    const venue: ExecutionVenue = Object.assign(Object.create(desk.venue), { deadMansSwitch });
    Object.defineProperty(venue, 'name', { value: 'paper' });
    const { clock, portfolio, users } = desk;
    const venues = new VenueDirectory([venue]);
    const service = new DeadMansSwitchService({ users, venues, accounts: portfolio, clock });
    const place = async (changes: Partial<OrderIntent>): Promise<void> => {
      const intent = examplePaperIntent({ size: toSize('0.1'), ...changes });
      await desk.paper.place(desk.market.authority.mint(intent, 'test'));
      await desk.clock.idle();
    };
    await place({});
    await place({ type: 'limit', price: toPrice(59_000), timeInForce: 'gtc' });
    expect(portfolio.openOrders('alice').map(({ purpose }) => purpose)).toEqual(['entry']);
    await service.beat();
    expect(told).toEqual([]);
    await place({ side: 'sell', reduceOnly: true, purpose: 'exit' });
    await service.beat();
    expect(told).toEqual(['arm']);
  } finally {
    await desk.portfolio.stop();
    await desk.stop();
  }
});
