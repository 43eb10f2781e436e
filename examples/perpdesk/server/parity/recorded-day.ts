import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DomainEvent, EventBus, Logger } from '@perpdesk/core';
import { SortableIdGenerator, SystemClock, SystemRandom } from '@perpdesk/core';
import { OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { takeDataDirectory } from '../data-directory.ts';
import type { RunDirectory } from '../run-directory.ts';
import { type DayFiles, type DaySettings, readNewestDay } from './day-files.ts';
import { DaySource } from './day-source.ts';

/** A recorded run: its feed, its settings and its journal. */
export interface RecordedDay {
  readonly files: DayFiles;
  readonly settings: DaySettings;
  readonly source: DaySource;
  readonly journal: readonly DomainEvent[];
  /** Where both runs are compared to, ms UTC: the end in order, or the last event of a run that was killed. */
  readonly endMs: number;
}

/**
 * Reads the newest recorded run of a data directory, of which nothing is changed.
 * @throws ConfigError as {@link readNewestDay}, and `data-directory.in-use` while a desk runs there.
 */
export async function readRecordedDay(directory: string, logger: Logger): Promise<RecordedDay> {
  const { files, settings } = readNewestDay(directory);
  const copy = mkdtempSync(join(tmpdir(), 'perpdesk-journal-'));
  try {
    const held = takeDataDirectory(directory);
    try {
      for (const name of ['desk.db', 'desk.db-wal'])
        if (existsSync(held.file(name))) cpSync(held.file(name), join(copy, name));
    } finally {
      held.release();
    }
    const journal = await journalOf(join(copy, 'desk.db'), settings.afterPosition, logger);
    const endMs = settings.endedAtMs ?? Math.max(0, ...journal.map(({ atMs }) => atMs));
    return { files, settings, source: new DaySource(files), journal: until(journal, endMs), endMs };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Puts what a recorded desk began from into the directory of the run that repeats it. */
export function copyStart({ files }: RecordedDay, directory: RunDirectory): RunDirectory {
  if (!existsSync(files.start)) return directory;
  cpSync(files.start, directory.path, { recursive: true });
  return { ...directory, fresh: false };
}

/** All events after a position, in the order of the journal. @throws StoreError */
export async function readJournal(eventBus: EventBus, afterPosition: number): Promise<readonly DomainEvent[]> {
  const journal: DomainEvent[] = [];
  for (let after = afterPosition; ; ) {
    const page = await eventBus.read({ afterPosition: after, limit: 1000 });
    const last = page.at(-1);
    if (last === undefined) return journal;
    journal.push(...page.map(({ event }) => event));
    after = last.position;
  }
}

/** What happened by an instant. */
export const until = (journal: readonly DomainEvent[], endMs: number): readonly DomainEvent[] =>
  journal.filter(({ atMs }) => atMs <= endMs);

async function journalOf(file: string, afterPosition: number, logger: Logger): Promise<readonly DomainEvent[]> {
  const database = await openDatabase({ url: `sqlite:${file}`, durability: 'normal', logger });
  try {
    const clock = new SystemClock();
    const ids = new SortableIdGenerator({ clock, random: new SystemRandom() });
    const eventBus = new OutboxEventBus({ database, clock, ids, logger });
    await eventBus.start();
    const journal = await readJournal(eventBus, afterPosition);
    await eventBus.close();
    return journal;
  } finally {
    await database.close();
  }
}
