import { openDatabase } from '@perpdesk/core/database';
import { expect, it } from 'vitest';
import { recallOrderId } from './recall-order-id.ts';

it('default: the id whose first twelve digits are the number, and no other', async () => {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  const kysely = database.as<{ execution_orders: { client_order_id: string } }>();
  await kysely.schema.createTable('execution_orders').addColumn('client_order_id', 'text').execute();
  const id = '00a1b2c3d4e5f60718293a4b5c6d7e8f';
  const others = ['10a1b2c3d4e5f60718293a4b5c6d7e8f', '00a1b2c3d4e6f60718293a4b5c6d7e8f'];
  for (const client_order_id of [...others, id])
    await kysely.insertInto('execution_orders').values({ client_order_id }).execute();
  const recall = recallOrderId(database);
  expect(await recall(String(Number.parseInt(id.slice(0, 12), 16)))).toBe(id);
  expect(await recall('7')).toBeUndefined();
  expect(await recall('%')).toBeUndefined();
  await database.close();
});
