import { failureMessage } from '../../bus/listener-failure.ts';
import type { WorkInFlight } from '../../bus/work-in-flight.ts';
import type { Logger } from '../../logger/logger.ts';
import type { StoredEvent } from '../../ports/event-bus.ts';
import type { Database, SqlTransaction } from '../database.ts';
import type { OutboxTables } from './outbox-tables.ts';

/** What groups gave up, one row for a group and an event. */
export class DeadLetterStore {
  readonly #database: Database;
  readonly #work: WorkInFlight;
  readonly #logger: Logger;

  constructor(options: { readonly database: Database; readonly work: WorkInFlight; readonly logger: Logger }) {
    this.#database = options.database;
    this.#work = options.work;
    this.#logger = options.logger;
  }

  async put(
    transaction: SqlTransaction,
    letter: { group: string; stored: StoredEvent; attempts: number; error: unknown; atMs: number },
  ): Promise<void> {
    const values = { attempts: letter.attempts, error: failureMessage(letter.error), at_ms: letter.atMs };
    await transaction
      .as<OutboxTables>()
      .insertInto('perpdesk_dead_letters')
      .values({
        group_name: letter.group,
        event_id: letter.stored.event.id,
        position: letter.stored.position,
        ...values,
      })
      .onConflict((conflict) => conflict.columns(['group_name', 'event_id']).doUpdateSet(values))
      .execute();
  }

  async has(group: string, eventId: string): Promise<boolean> {
    const row = await this.#database
      .as<OutboxTables>()
      .selectFrom('perpdesk_dead_letters')
      .select('event_id')
      .where('group_name', '=', group)
      .where('event_id', '=', eventId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Removes a letter that was handled after all. When that fails the letter stays, to be delivered again by hand. */
  forget(group: string, eventId: string): void {
    this.#work.begin();
    this.#database
      .as<OutboxTables>()
      .deleteFrom('perpdesk_dead_letters')
      .where('group_name', '=', group)
      .where('event_id', '=', eventId)
      .execute()
      .catch((error: unknown) =>
        this.#logger.warn({ error, group, eventId }, 'a handled dead letter could not be removed'),
      )
      .finally(() => this.#work.end());
  }
}
