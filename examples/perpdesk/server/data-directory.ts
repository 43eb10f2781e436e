import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '@perpdesk/core';
import Sqlite from 'better-sqlite3';

/** Where a desk keeps its databases, held by one process at a time. */
export interface DataDirectory {
  readonly path: string;
  file(name: string): string;
  /** Lets another process take it. */
  release(): void;
}

/**
 * Makes and takes a data directory. What holds it is a lock of the operating system, which ends with the process however
 * that ends: a file with a process id would outlive a kill, and the id may be somebody else's by then.
 * @throws ConfigError `data-directory.unwritable`, or `data-directory.in-use` when a living process holds it.
 */
export function takeDataDirectory(directory: string): DataDirectory {
  const path = resolve(directory);
  const holder = join(path, 'desk.pid');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const unlock = lock(join(path, 'desk.lock'));
    if (unlock === undefined) throw inUse(path, holder);
    writeFileSync(holder, String(process.pid), { mode: 0o600 });
    return {
      path,
      file: (name) => join(path, name),
      release: () => {
        rmSync(holder, { force: true });
        unlock();
      },
    };
  } catch (cause) {
    if (ConfigError.is(cause)) throw cause;
    throw new ConfigError(
      'data-directory.unwritable',
      `The data directory ${path} can not be written: ${reason(cause)}.`,
      { cause },
    );
  }
}

/** Takes SQLite's exclusive lock on a file of no content. Undefined when another process has it. */
function lock(file: string): (() => void) | undefined {
  const handle = new Sqlite(file, { timeout: 0 });
  try {
    handle.exec('BEGIN EXCLUSIVE');
    chmodSync(file, 0o600);
    return () => handle.close();
  } catch (error) {
    handle.close();
    if (codeOf(error).startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
}

function inUse(path: string, holder: string): ConfigError {
  let by = 'another process';
  try {
    by = `process ${readFileSync(holder, 'utf8')}`;
  } catch {
    // It is about to write its number.
  }
  return new ConfigError(
    'data-directory.in-use',
    `The data directory ${path} is in use by ${by}; stop it or use another --data-dir.`,
  );
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);

function reason(cause: unknown): string {
  const code = codeOf(cause);
  const known: Record<string, string> = {
    EACCES: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of the path is a file',
    ENOSPC: 'no space is left',
    EEXIST: 'a file of that name is there',
    SQLITE_CANTOPEN: 'files can not be made in it',
    SQLITE_READONLY: 'its files can not be written',
    SQLITE_NOTADB: 'its desk.lock is not a lock of ours',
  };
  return known[code] ?? code;
}
