import type { Database } from '@perpdesk/core/database';

interface OrderRows {
  execution_orders: { client_order_id: string };
}

/**
 * Finds an id of ours by the number that a venue keeps of it: Lighter keeps the first 48 bits, which are the first twelve
 * hexadecimal digits. For `CcxtVenueOptions.recallClientOrderId`.
 */
export const recallOrderId =
  (database: Database) =>
  async (kept: string): Promise<string | undefined> => {
    if (!/^\d{1,15}$/.test(kept)) return undefined;
    const row = await database
      .as<OrderRows>()
      .selectFrom('execution_orders')
      .select('client_order_id')
      .where('client_order_id', 'like', `${BigInt(kept).toString(16).padStart(12, '0')}%`)
      .executeTakeFirst();
    return row?.client_order_id;
  };
