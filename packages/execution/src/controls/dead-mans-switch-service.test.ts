import {
  type CancelOutcome,
  type DeadMansSwitch,
  type ExecutionVenue,
  type OrderIntent,
  toPrice,
  toSize,
} from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { TradingDesk } from '../testing/trading-desk.ts';
import { VenueDirectory } from '../venue/venue-directory.ts';
import { DeadMansSwitchService } from './dead-mans-switch-service.ts';

const desks: TradingDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

/** A venue's switch that writes down what it is told. */
class NotedSwitch implements DeadMansSwitch {
  readonly shortestMs = 5_000;
  readonly told: string[] = [];
  answer: () => Promise<CancelOutcome> = async () => ({ outcome: 'accepted' });
  off: string | undefined;
  arm(_: string, afterMs: number): Promise<CancelOutcome> {
    this.told.push(`arm ${afterMs}`);
    return this.answer();
  }
  disarm(): Promise<CancelOutcome> {
    this.told.push('disarm');
    return this.answer();
  }
  unavailable(): string | undefined {
    return this.off;
  }
}

async function run(): Promise<{ desk: TradingDesk; noted: NotedSwitch; service: DeadMansSwitchService }> {
  const desk = await TradingDesk.run({ user: { venues: ['paper'] } });
  desks.push(desk);
  const noted = new NotedSwitch();
  const venue: ExecutionVenue = Object.assign(Object.create(desk.venue), { deadMansSwitch: noted });
  Object.defineProperty(venue, 'name', { value: 'paper' });
  const { clock, portfolio, users } = desk;
  const venues = new VenueDirectory([venue]);
  return { desk, noted, service: new DeadMansSwitchService({ users, venues, accounts: portfolio, clock }) };
}
const place = async (desk: TradingDesk, changes: Partial<OrderIntent>): Promise<void> => {
  const intent = examplePaperIntent({ size: toSize('0.1'), ...changes });
  await desk.paper.place(desk.market.authority.mint(intent, 'test'));
  await desk.clock.idle();
};
const resting = { type: 'limit', price: toPrice(59_000), timeInForce: 'gtc' } as const;

describe('DeadMansSwitchService', () => {
  it('default: beats while an entry rests and nothing is open, a third of its time apart', async () => {
    const { desk, noted, service } = await run();
    await service.start();
    await desk.clock.advanceBy(20_000);
    expect(noted.told).toEqual([]);
    await place(desk, resting);
    await desk.clock.advanceBy(40_000);
    expect(noted.told).toEqual(['arm 60000', 'arm 60000']);
    await service.stop();
    expect(noted.told.at(-1)).toBe('disarm');
    await desk.clock.advanceBy(60_000);
    expect(noted.told).toHaveLength(3);
  });

  it('behavior: a position takes the switch away, before the stop can be', async () => {
    const { desk, noted, service } = await run();
    await place(desk, resting);
    await service.beat();
    await place(desk, {});
    await service.beat();
    await service.beat();
    expect(noted.told).toEqual(['arm 60000', 'disarm']);
  });

  it('behavior: one that could not be taken away is tried again, and a lost answer counts as set', async () => {
    const { desk, noted, service } = await run();
    noted.answer = async () => ({ outcome: 'unknown', reason: 'lost' });
    await place(desk, resting);
    await service.beat();
    await place(desk, {});
    await service.beat();
    noted.answer = async () => ({ outcome: 'accepted' });
    await service.beat();
    await service.beat();
    expect(noted.told).toEqual(['arm 60000', 'disarm', 'disarm']);
  });

  it('error: a venue that has refused it, or throws, is left alone', async () => {
    const { desk, noted, service } = await run();
    await place(desk, resting);
    noted.answer = async () => {
      throw new Error('down');
    };
    await service.beat();
    noted.off = 'refused';
    await service.beat();
    expect(noted.told).toEqual(['arm 60000']);
  });
});
