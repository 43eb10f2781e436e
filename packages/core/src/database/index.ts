// The barrel of @perpdesk/core/database: SQLite or PostgreSQL by URL, migrations, the durable event bus. Needs Node.
export { compileOnce, firstRow, type OftenAsked, type SqlParameters, writtenRows } from './compile-once.ts';
export { Database, type DatabaseDialect, SqlTransaction } from './database.ts';
export type { DatabaseOptions } from './database-options.ts';
export { type Migration, migrate } from './migrate.ts';
export { openDatabase } from './open-database.ts';
export { OutboxEventBus, type OutboxEventBusOptions } from './outbox/outbox-event-bus.ts';
