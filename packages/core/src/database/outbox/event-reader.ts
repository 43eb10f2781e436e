import { type Kysely, sql } from 'kysely';
import { defaultReadLimit } from '../../bus/event-query.ts';
import type { DomainEventType } from '../../events/event-map.ts';
import type { DeadLetter, EventQuery, StoredEvent } from '../../ports/event-bus.ts';
import type { Database } from '../database.ts';
import { storedEvent } from './event-row.ts';
import type { OutboxTables } from './outbox-tables.ts';

const columns = [
  'position',
  'id',
  'type',
  'version',
  'at_ms',
  'key',
  'user_id',
  'trace_id',
  'causation_id',
  'payload',
] as const;

/** Reads events that have a position, which grow in the order they became visible. */
export class EventReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The newest position, 0 without one. */
  async head(): Promise<number> {
    const { rows } = await sql<{ head: number | null }>`select max(position) as head from perpdesk_events`.execute(
      this.#database.kysely,
    );
    return rows[0]?.head ?? 0;
  }

  /** Events of some types after a position and up to another, oldest first. */
  async page(
    types: readonly DomainEventType[],
    after: number,
    upTo: number,
    limit: number,
  ): Promise<readonly StoredEvent[]> {
    if (types.length === 0) return [];
    const rows = await this.#events()
      .where('type', 'in', types)
      .where('position', '>', after)
      .where('position', '<=', upTo)
      .orderBy('position')
      .limit(limit)
      .execute();
    return rows.map(storedEvent);
  }

  /** Events by id, also such that have no position yet; in a transaction where one is given. */
  async byIds(
    ids: readonly string[],
    kysely: Kysely<OutboxTables> = this.#database.as(),
  ): Promise<readonly StoredEvent[]> {
    const rows = await kysely.selectFrom('perpdesk_events').select(columns).where('id', 'in', ids).execute();
    return rows.map(storedEvent);
  }

  async read(query: EventQuery): Promise<readonly StoredEvent[]> {
    const { types, key, userId, traceId, afterPosition = 0, order = 'ascending', limit = defaultReadLimit } = query;
    if (types?.length === 0) return [];
    let events = this.#events().where('position', '>', afterPosition);
    if (types !== undefined) events = events.where('type', 'in', types);
    if (key !== undefined) events = events.where('key', '=', key);
    if (userId !== undefined) events = events.where('user_id', '=', userId);
    if (traceId !== undefined) events = events.where('trace_id', '=', traceId);
    const rows = await events
      .orderBy('position', order === 'ascending' ? 'asc' : 'desc')
      .limit(limit)
      .execute();
    return rows.map(storedEvent);
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    const rows = await this.#database
      .as<OutboxTables>()
      .selectFrom('perpdesk_dead_letters as letter')
      .innerJoin('perpdesk_events as event', 'event.id', 'letter.event_id')
      .select(columns.map((column) => `event.${column}` as const))
      .select(['letter.group_name', 'letter.attempts', 'letter.error', 'letter.at_ms as given_up_at_ms'])
      .orderBy('letter.at_ms', 'desc')
      .orderBy('letter.position', 'desc')
      .orderBy('letter.group_name')
      .execute();
    return rows.map((row) => ({
      group: row.group_name,
      event: storedEvent(row).event,
      attempts: row.attempts,
      error: row.error,
      atMs: row.given_up_at_ms,
    }));
  }

  #events() {
    return this.#database.as<OutboxTables>().selectFrom('perpdesk_events').select(columns);
  }
}
