import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type Logger } from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import { type DataDirectory, takeDataDirectory } from './data-directory.ts';
import { networkDirectory } from './execution/execution-choice.ts';
import type { ServerOptions, SourceKind } from './options.ts';

/** The data directory of a run. */
export interface RunDirectory extends DataDirectory {
  /** True when no desk ran in it before. */
  readonly fresh: boolean;
}

const deskFile = 'desk.db';
const copyFile = 'replayed-models.db';
/** Paper positions of a market that is real and of one that is not must never meet. */
const defaultDirectories = { live: join('.perpdesk', 'live'), simulated: '.perpdesk', replay: '' } as const;

/**
 * Takes the directory of a run: a replay begins anew, by default in a temporary directory that goes with it; a live or
 * simulated desk goes on in its own.
 * @throws ConfigError as {@link takeDataDirectory}, and `data-directory.used`.
 */
export function takeRunDirectory(source: SourceKind, { dataDirectory, execution }: ServerOptions): RunDirectory {
  if (source === 'replay' && dataDirectory === undefined) return temporaryDirectory();
  const usual = execution === undefined ? defaultDirectories[source] : networkDirectory(execution.network);
  const directory = takeDataDirectory(dataDirectory ?? usual);
  const fresh = !existsSync(directory.file(deskFile));
  if (source === 'replay' && !fresh) {
    directory.release();
    throw new ConfigError(
      'data-directory.used',
      `${directory.path} holds a desk already, and a replay begins anew: choose an empty --data-dir.`,
    );
  }
  return { ...directory, fresh };
}

function temporaryDirectory(): RunDirectory {
  const directory = takeDataDirectory(mkdtempSync(join(tmpdir(), 'perpdesk-replay-')));
  const release = (): void => {
    process.off('exit', release);
    directory.release();
    rmSync(directory.path, { recursive: true, force: true });
  };
  // A second Ctrl-C or an error may end the process before its desk has stopped.
  process.on('exit', release);
  return { ...directory, release, fresh: true };
}

/** Market data and where its source stands. What it holds is made again from the source. */
export const openMarketDatabase = (directory: DataDirectory, logger: Logger): Promise<Database> =>
  openDatabase({ url: `sqlite:${directory.file('market.db')}`, durability: 'normal', logger });

/** The desk's own: journal, orders, workflows, risk, audit. */
export const openDeskDatabase = (directory: DataDirectory, logger: Logger): Promise<Database> =>
  openDatabase({ url: `sqlite:${directory.file(deskFile)}`, durability: 'full', logger });

/** The paper venue has a file of its own: it plays the venue, whose ledger does not commit with ours. */
export const openPaperDatabase = (directory: DataDirectory, logger: Logger): Promise<Database> =>
  openDatabase({ url: `sqlite:${directory.file('paper.db')}`, durability: 'full', logger });

/**
 * A copy of the desk's database of an earlier run, of which nothing is changed.
 * @throws ConfigError `replay-models.none` where no desk ran, `data-directory.in-use` while one runs there.
 */
export async function openRecordedDesk(earlier: string, directory: DataDirectory, logger: Logger): Promise<Database> {
  if (!existsSync(join(earlier, deskFile)))
    throw new ConfigError(
      'replay-models.none',
      `--replay-models takes the --data-dir of an earlier run, not ${earlier}.`,
    );
  const held = takeDataDirectory(earlier);
  const copy = directory.file(copyFile);
  try {
    for (const end of ['', '-wal'])
      if (existsSync(held.file(`${deskFile}${end}`))) cpSync(held.file(`${deskFile}${end}`), `${copy}${end}`);
  } finally {
    held.release();
  }
  return openDatabase({ url: `sqlite:${copy}`, durability: 'normal', logger });
}

/** Removes the copy, when it is closed. */
export const forgetRecordedDesk = (directory: DataDirectory): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(directory.file(`${copyFile}${end}`), { force: true });
};
