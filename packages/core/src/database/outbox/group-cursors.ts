import { sql } from 'kysely';
import type { DomainEventType } from '../../events/event-map.ts';
import type { Database } from '../database.ts';
import type { OutboxTables } from './outbox-tables.ts';

interface Cursor {
  readonly group: string;
  readonly type: DomainEventType;
  position: number;
  written: number;
}

/** How far each group is with each type: held in memory, written now and then. Positions only grow. */
export class GroupCursors {
  readonly #database: Database;
  readonly #cursors = new Map<string, Cursor>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Reads what an earlier process wrote. */
  async load(): Promise<void> {
    const rows = await this.#database.as<OutboxTables>().selectFrom('perpdesk_event_cursors').selectAll().execute();
    for (const { group_name: group, type, position } of rows) {
      const known = type as DomainEventType;
      this.#cursors.set(keyOf(group, known), { group, type: known, position, written: position });
    }
  }

  /** Undefined for a group that never took the type. */
  get(group: string, type: DomainEventType): number | undefined {
    return this.#cursors.get(keyOf(group, type))?.position;
  }

  advance(group: string, type: DomainEventType, position: number): void {
    const cursor = this.#cursors.get(keyOf(group, type));
    if (cursor === undefined) this.#cursors.set(keyOf(group, type), { group, type, position, written: -1 });
    else cursor.position = Math.max(cursor.position, position);
  }

  /** Writes what has moved. @throws StoreError; it is then still to be written. */
  async flush(): Promise<void> {
    const moved = [...this.#cursors.values()]
      .filter(({ position, written }) => position > written)
      .map((cursor) => ({ cursor, position: cursor.position }));
    if (moved.length === 0) return;
    const rows = moved.map(({ cursor, position }) => ({ group_name: cursor.group, type: cursor.type, position }));
    // A cursor that the loss of power sets back only shows a group again what it has handled.
    await this.#database.transaction(
      (transaction) =>
        transaction
          .as<OutboxTables>()
          .insertInto('perpdesk_event_cursors')
          .values(rows)
          .onConflict((conflict) => conflict.columns(['group_name', 'type']).doUpdateSet({ position: larger }))
          .execute(),
      { durability: 'normal' },
    );
    for (const { cursor, position } of moved) cursor.written = Math.max(cursor.written, position);
  }
}

/** Of the kept position and the new: another process may be further. */
const larger = (): ReturnType<typeof sql<number>> =>
  sql<number>`case when excluded.position > perpdesk_event_cursors.position then excluded.position else perpdesk_event_cursors.position end`;

const keyOf = (group: string, type: DomainEventType): string => `${group}\n${type}`;
