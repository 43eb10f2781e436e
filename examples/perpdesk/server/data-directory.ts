import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '@perpdesk/core';

/** Where a desk keeps its databases, held by one process at a time. */
export interface DataDirectory {
  readonly path: string;
  file(name: string): string;
  /** Lets another process take it. */
  release(): void;
}

/**
 * Makes and takes a data directory.
 * @throws ConfigError `data-directory.unwritable`, or `data-directory.in-use` when a living process holds it.
 */
export function takeDataDirectory(directory: string): DataDirectory {
  const path = resolve(directory);
  const lock = join(path, 'desk.lock');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!tryLock(lock)) {
      const holder = Number(readFileSync(lock, 'utf8'));
      if (isAlive(holder))
        throw new ConfigError(
          'data-directory.in-use',
          `The data directory ${path} is in use by process ${holder}; stop it or use --data-dir.`,
        );
      rmSync(lock, { force: true });
      if (!tryLock(lock))
        throw new ConfigError('data-directory.in-use', `The data directory ${path} is being taken by another process.`);
    }
  } catch (cause) {
    if (ConfigError.is(cause)) throw cause;
    throw new ConfigError(
      'data-directory.unwritable',
      `The data directory ${path} can not be written: ${reason(cause)}.`,
      { cause },
    );
  }
  return { path, file: (name) => join(path, name), release: () => rmSync(lock, { force: true }) };
}

function tryLock(lock: string): boolean {
  try {
    const file = openSync(lock, 'wx', 0o600);
    writeSync(file, String(process.pid));
    fsyncSync(file);
    closeSync(file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return (
    {
      EACCES: 'permission denied',
      EROFS: 'the file system is read-only',
      ENOTDIR: 'a part of the path is a file',
      ENOSPC: 'no space is left',
      EEXIST: 'a file of that name is there',
    }[code] ?? code
  );
}
