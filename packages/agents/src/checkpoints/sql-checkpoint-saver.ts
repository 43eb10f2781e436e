import type { RunnableConfig } from '@langchain/core/runnables';
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  compareWritesSortKeys,
  maxChannelVersion,
  type PendingWrite,
  type SerializerProtocol,
  TASKS,
  WRITES_IDX_MAP,
  writesSortKey,
} from '@langchain/langgraph-checkpoint';
import { type Clock, canonicalJson, type Logger, silentLogger, ValidationError } from '@perpdesk/core';
import { type Database, migrate, type SqlTransaction } from '@perpdesk/core/database';
import { RecentlyUsed } from '../model/cache/recently-used.ts';
import { configOf, placeOf, wantedOf } from './checkpoint-place.ts';
import { type CheckpointTables, checkpointMigrations, checkpointNamespace } from './checkpoint-tables.ts';
import { loadValue, storeValue } from './stored-value.ts';

/** Which threads are forgotten, and when. */
export interface CheckpointRetention {
  /** How long after its last checkpoint a thread is kept, ms. Default a day; Infinity keeps all. */
  readonly keepForMs: number;
  /** Only threads whose id begins so. Default `round:`, those of the War Room. */
  readonly threads: string;
}

/** Options of {@link SqlCheckpointSaver}. */
export interface SqlCheckpointSaverOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly retention?: Partial<CheckpointRetention>;
  /** How values become text. Default: LangGraph's own. */
  readonly serde?: SerializerProtocol;
  readonly logger?: Logger;
}

const defaultRetention: CheckpointRetention = { keepForMs: 86_400_000, threads: 'round:' };

type Row = CheckpointTables['agents_checkpoints'];
type Homes = Readonly<Record<string, string>>;

/**
 * Keeps the checkpoints of LangGraph's graphs in SQLite or PostgreSQL. Of channel values only those that changed are written, each under
 * the checkpoint at which it did, so that forks of a thread do not mix. Commits are relaxed: with the power the last steps may be lost,
 * with the process none. Old threads are forgotten while it writes. Made by `openCheckpoints`, which brings the tables up to date.
 */
export class SqlCheckpointSaver extends BaseCheckpointSaver {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #retention: CheckpointRetention;
  readonly #logger: Logger;
  /** The homes of the checkpoints that were written last: what comes next mostly goes on from one of them. */
  #recentHomes = new RecentlyUsed<Homes>();
  #prunedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: SqlCheckpointSaverOptions) {
    super(options.serde);
    this.#database = options.database;
    this.#clock = options.clock;
    this.#retention = { ...defaultRetention, ...options.retention };
    this.#logger = options.logger ?? silentLogger;
  }

  /** Brings its tables up to date. @throws ConfigError, StoreError as `migrate` */
  async open(): Promise<void> {
    await migrate(this.#database, { namespace: checkpointNamespace, migrations: checkpointMigrations });
  }

  /** @throws ValidationError `checkpoint.place`; StoreError */
  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { threadId, namespace, checkpointId } = wantedOf(config);
    if (threadId === undefined) return undefined;
    let query = this.#kysely
      .selectFrom('agents_checkpoints')
      .selectAll()
      .where('thread_id', '=', threadId)
      .where('checkpoint_ns', '=', namespace ?? '');
    query =
      checkpointId === undefined
        ? query.orderBy('checkpoint_id', 'desc').limit(1)
        : query.where('checkpoint_id', '=', checkpointId);
    const row = await query.executeTakeFirst();
    return row === undefined ? undefined : this.#tupleOf(row);
  }

  /** Newest first. @throws ValidationError `checkpoint.place`; StoreError */
  override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const { threadId, namespace, checkpointId } = wantedOf(config);
    const before = options.before === undefined ? undefined : wantedOf(options.before).checkpointId;
    let query = this.#kysely.selectFrom('agents_checkpoints').selectAll().orderBy('checkpoint_id', 'desc');
    if (threadId !== undefined) query = query.where('thread_id', '=', threadId);
    if (namespace !== undefined) query = query.where('checkpoint_ns', '=', namespace);
    if (checkpointId !== undefined) query = query.where('checkpoint_id', '=', checkpointId);
    if (before !== undefined) query = query.where('checkpoint_id', '<', before);
    const asked = Object.entries(options.filter ?? {});
    if (options.limit !== undefined && asked.length === 0) query = query.limit(Math.max(0, options.limit));
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for (const row of await query.execute()) {
      if (left <= 0) return;
      const metadata: Record<string, unknown> = JSON.parse(row.metadata);
      if (!asked.every(([name, value]) => same(metadata[name], value))) continue;
      left -= 1;
      yield await this.#tupleOf(row);
    }
  }

  /** @throws ValidationError `checkpoint.place`; StoreError */
  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { threadId, namespace, checkpointId: parentId } = placeOf(config);
    const { channel_values: values, ...rest } = checkpoint;
    const changed = Object.keys(newVersions);
    const written = changed.filter((channel) => Object.hasOwn(values, channel));
    const place = { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpoint.id };
    const rows = await Promise.all(
      written.map(async (channel) => ({ ...place, channel, ...(await storeValue(this.serde, values[channel])) })),
    );
    const nowMs = this.#clock.nowMs();
    const homes = await this.#write(async (transaction) => {
      const kysely = transaction.as<CheckpointTables>();
      const parent = { ...place, checkpoint_id: parentId ?? '' };
      const inherited =
        parentId === undefined ? {} : (this.#recentHomes.get(keyOf(parent)) ?? (await homesAt(transaction, parent)));
      const homes: Homes = Object.fromEntries([
        // A delta channel has no value here: its writes are replayed from where it last had one.
        ...Object.entries(inherited).filter(
          ([channel]) => Object.hasOwn(values, channel) && !changed.includes(channel),
        ),
        ...written.map((channel) => [channel, checkpoint.id]),
      ]);
      const row: Row = {
        ...place,
        parent_id: parentId ?? null,
        checkpoint: JSON.stringify(rest),
        metadata: JSON.stringify(metadata),
        homes: JSON.stringify(homes),
        kept_at_ms: nowMs,
      };
      const { parent_id, metadata: told, kept_at_ms } = row;
      await kysely
        .insertInto('agents_checkpoints')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(['thread_id', 'checkpoint_ns', 'checkpoint_id'])
            .doUpdateSet({ parent_id, checkpoint: row.checkpoint, metadata: told, homes: row.homes, kept_at_ms }),
        )
        .execute();
      if (rows.length > 0) {
        await kysely
          .insertInto('agents_checkpoint_values')
          .values(rows)
          .onConflict((conflict) =>
            conflict
              .columns(['thread_id', 'checkpoint_ns', 'checkpoint_id', 'channel'])
              .doUpdateSet(({ ref }) => ({ type: ref('excluded.type'), value: ref('excluded.value') })),
          )
          .execute();
      }
      return homes;
    });
    this.#recentHomes.set(keyOf(place), homes);
    await this.#pruneNowAndThen(nowMs);
    return configOf(threadId, namespace, checkpoint.id);
  }

  /** @throws ValidationError `checkpoint.place`; StoreError */
  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
    taskPath = '',
  ): Promise<void> {
    const { threadId, namespace, checkpointId } = placeOf(config);
    if (checkpointId === undefined)
      throw new ValidationError(
        'checkpoint.place',
        'Writes need configurable.checkpoint_id, the checkpoint they follow.',
      );
    const rows = await Promise.all(
      writes.map(async ([channel, value], index) => ({
        thread_id: threadId,
        checkpoint_ns: namespace,
        checkpoint_id: checkpointId,
        task_id: taskId,
        idx: WRITES_IDX_MAP[channel] ?? index,
        task_path: taskPath,
        channel,
        ...(await storeValue(this.serde, value)),
      })),
    );
    const key = ['thread_id', 'checkpoint_ns', 'checkpoint_id', 'task_id', 'idx'] as const;
    // What a task wrote stands when it is run again; an error or an interrupt gives way to the newer one.
    const lasting = rows.filter(({ idx }) => idx >= 0);
    const passing = rows.filter(({ idx }) => idx < 0);
    await this.#write(async (transaction) => {
      const kysely = transaction.as<CheckpointTables>();
      if (lasting.length > 0)
        await kysely
          .insertInto('agents_checkpoint_writes')
          .values(lasting)
          .onConflict((conflict) => conflict.columns(key).doNothing())
          .execute();
      if (passing.length > 0)
        await kysely
          .insertInto('agents_checkpoint_writes')
          .values(passing)
          .onConflict((conflict) =>
            conflict.columns(key).doUpdateSet(({ ref }) => ({
              channel: ref('excluded.channel'),
              task_path: ref('excluded.task_path'),
              type: ref('excluded.type'),
              value: ref('excluded.value'),
            })),
          )
          .execute();
    });
  }

  /** @throws StoreError */
  override async deleteThread(threadId: string): Promise<void> {
    this.#recentHomes = new RecentlyUsed<Homes>();
    await this.#write(async (transaction) => {
      for (const table of ['agents_checkpoint_writes', 'agents_checkpoint_values', 'agents_checkpoints'] as const)
        await transaction.as<CheckpointTables>().deleteFrom(table).where('thread_id', '=', threadId).execute();
    });
  }

  /** Forgets the threads of its retention whose last checkpoint was written before `beforeMs`. Returns how many. @throws StoreError */
  async prune(beforeMs: number): Promise<number> {
    const { threads } = this.#retention;
    const old = await this.#kysely
      .selectFrom('agents_checkpoints')
      .select('thread_id')
      .where(({ fn, lit }) => fn('substr', ['thread_id', lit(1), lit(threads.length)]), '=', threads)
      .groupBy('thread_id')
      .having(({ fn }) => fn.max('kept_at_ms'), '<', beforeMs)
      .execute();
    for (const { thread_id } of old) await this.deleteThread(thread_id);
    return old.length;
  }

  get #kysely() {
    return this.#database.as<CheckpointTables>();
  }

  #write<Result>(act: (transaction: SqlTransaction) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(act, { durability: 'normal' });
  }

  async #pruneNowAndThen(nowMs: number): Promise<void> {
    const { keepForMs } = this.#retention;
    if (!Number.isFinite(keepForMs) || nowMs - this.#prunedAtMs < keepForMs / 24) return;
    this.#prunedAtMs = nowMs;
    try {
      await this.prune(nowMs - keepForMs);
    } catch (error) {
      // A graph must not end for want of tidiness.
      this.#logger.warn({ error }, 'old checkpoints could not be forgotten');
    }
  }

  async #tupleOf(row: Row): Promise<CheckpointTuple> {
    const { thread_id, checkpoint_ns, checkpoint_id, parent_id } = row;
    const [values, pendingWrites] = await Promise.all([this.#valuesOf(row), this.#writesAt(row)]);
    const checkpoint: Checkpoint = { ...JSON.parse(row.checkpoint), channel_values: values };
    if (checkpoint.v < 4 && parent_id !== null)
      await this.#adoptSends(checkpoint, { ...row, checkpoint_id: parent_id });
    const metadata: CheckpointMetadata = JSON.parse(row.metadata);
    return {
      config: configOf(thread_id, checkpoint_ns, checkpoint_id),
      checkpoint,
      metadata,
      pendingWrites,
      ...(parent_id === null ? {} : { parentConfig: configOf(thread_id, checkpoint_ns, parent_id) }),
    };
  }

  async #valuesOf({ thread_id, checkpoint_ns, homes: text }: Row): Promise<Record<string, unknown>> {
    const homes: Homes = JSON.parse(text);
    const ids = [...new Set(Object.values(homes))];
    if (ids.length === 0) return {};
    const rows = await this.#kysely
      .selectFrom('agents_checkpoint_values')
      .select(['checkpoint_id', 'channel', 'type', 'value'])
      .where('thread_id', '=', thread_id)
      .where('checkpoint_ns', '=', checkpoint_ns)
      .where('checkpoint_id', 'in', ids)
      .execute();
    const values = await Promise.all(
      rows
        .filter(({ channel, checkpoint_id }) => Object.hasOwn(homes, channel) && homes[channel] === checkpoint_id)
        .map(async ({ channel, ...stored }) => [channel, await loadValue(this.serde, stored)] as const),
    );
    return Object.fromEntries(values);
  }

  async #writesAt(row: Place): Promise<CheckpointPendingWrite[]> {
    const rows = await this.#kysely
      .selectFrom('agents_checkpoint_writes')
      .select(['task_id', 'idx', 'task_path', 'channel', 'type', 'value'])
      .where('thread_id', '=', row.thread_id)
      .where('checkpoint_ns', '=', row.checkpoint_ns)
      .where('checkpoint_id', '=', row.checkpoint_id)
      .execute();
    // By code point, which is not how every database collates text.
    const ordered = rows
      .map((write) => ({ write, key: writesSortKey(write.task_path, write.task_id, write.idx) }))
      .sort((a, b) => compareWritesSortKeys(a.key, b.key));
    return Promise.all(
      ordered.map(
        async ({ write }): Promise<CheckpointPendingWrite> => [
          write.task_id,
          write.channel,
          await loadValue(this.serde, write),
        ],
      ),
    );
  }

  /** Before version 4 of the format a checkpoint's sends stood among the writes of its parent. */
  async #adoptSends(checkpoint: Checkpoint, parent: Row): Promise<void> {
    const writes = await this.#writesAt(parent);
    checkpoint.channel_values[TASKS] = writes.filter(([, channel]) => channel === TASKS).map(([, , send]) => send);
    const versions = Object.values(checkpoint.channel_versions);
    checkpoint.channel_versions[TASKS] =
      versions.length > 0 ? maxChannelVersion(...versions) : this.getNextVersion(undefined);
  }
}

type Place = Pick<Row, 'thread_id' | 'checkpoint_ns' | 'checkpoint_id'>;

const keyOf = ({ thread_id, checkpoint_ns, checkpoint_id }: Place): string =>
  JSON.stringify([thread_id, checkpoint_ns, checkpoint_id]);

async function homesAt(transaction: SqlTransaction, place: Place): Promise<Homes> {
  const row = await transaction
    .as<CheckpointTables>()
    .selectFrom('agents_checkpoints')
    .select('homes')
    .where('thread_id', '=', place.thread_id)
    .where('checkpoint_ns', '=', place.checkpoint_ns)
    .where('checkpoint_id', '=', place.checkpoint_id)
    .executeTakeFirst();
  return row === undefined ? {} : JSON.parse(row.homes);
}

function same(kept: unknown, asked: unknown): boolean {
  if (kept === undefined || asked === undefined) return kept === asked;
  return kept === asked || canonicalJson(kept) === canonicalJson(asked);
}
