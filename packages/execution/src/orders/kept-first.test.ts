import { toPrice, toSize } from '@perpdesk/core';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import type { ExecutionTables } from '../store/execution-tables.ts';
import { TradingDesk } from '../testing/trading-desk.ts';

const desks: TradingDesk[] = [];
/** A desk whose database can be read and takes no order any more. */
const full = async (): Promise<TradingDesk> => {
  const desk = await TradingDesk.run();
  desks.push(desk);
  await sql`create trigger no_room before insert on execution_orders begin select raise(abort, 'disk full'); end`.execute(
    desk.database.as<ExecutionTables>(),
  );
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.stop();
});
const left = (desk: TradingDesk): number => desk.paper.departures().length;

describe('what can not be kept', () => {
  it.each(['with its decision', 'by itself'])('error: new risk that is kept %s does not leave', async (kept) => {
    const desk = await full();
    const authorize = desk.gate.authorize.bind(desk.gate);
    if (kept === 'by itself') desk.gate.authorize = (intent) => authorize(intent);
    const intent = examplePaperIntent({ type: 'limit', timeInForce: 'gtc', price: toPrice(59_900) });
    await expect(desk.orderDesk.send(intent)).rejects.toMatchObject({ name: 'StoreError' });
    expect(left(desk)).toBe(0);
    expect(await desk.paper.fetchOpenOrders('alice')).toEqual([]);
  });

  it('behavior: an exit leaves all the same', async () => {
    const desk = await TradingDesk.run();
    desks.push(desk);
    await desk.orderDesk.send(examplePaperIntent({ price: toPrice(60_100), size: toSize('0.1') }));
    await sql`create trigger no_room before insert on execution_orders begin select raise(abort, 'disk full'); end`.execute(
      desk.database.as<ExecutionTables>(),
    );
    const exit = examplePaperIntent({ side: 'sell', size: toSize('0.1'), reduceOnly: true, purpose: 'exit' });
    expect(await desk.orderDesk.send(exit)).toMatchObject({ outcome: 'accepted' });
    expect(await desk.paper.fetchPositions('alice')).toEqual([]);
  });
});
