import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ConfigError } from '@perpdesk/core';

/** A file below a directory. */
export interface FoundFile {
  /** Where it is. */
  readonly path: string;
  /** Relative to the directory, with `/`. */
  readonly name: string;
  /** The folders of its absolute path and its own name. */
  readonly segments: readonly string[];
}

/**
 * All files below a directory, by name. Links to files are followed, links to folders are not: they come back as files.
 * @throws ConfigError `replay.directory` when there is none, `replay.unreadable` when a folder can not be listed.
 */
export async function findFiles(
  directory: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<FoundFile[]> {
  const root = await resolveDirectory(directory);
  const found: FoundFile[] = [];
  const walk = async (folder: string): Promise<void> => {
    options.signal?.throwIfAborted();
    for (const entry of await list(join(root, folder))) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await walk(name);
      else found.push({ path: join(root, name), name, segments: [...root.split(sep), ...name.split('/')] });
    }
  };
  await walk('');
  return found;
}

async function resolveDirectory(directory: string): Promise<string> {
  let root: string;
  let isDirectory: boolean;
  try {
    root = await realpath(directory);
    isDirectory = (await stat(root)).isDirectory();
  } catch (cause) {
    throw new ConfigError('replay.directory', `The directory to replay, ${directory}, is not there.`, { cause });
  }
  if (!isDirectory) throw new ConfigError('replay.directory', `${directory} is not a directory; a replay needs one.`);
  return root;
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw new ConfigError('replay.unreadable', `The folder ${folder} can not be read.`, { cause });
  }
}
