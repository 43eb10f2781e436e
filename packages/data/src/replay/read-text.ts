import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { ConfigError } from '@perpdesk/core';
import { unzipSync } from 'fflate';
import type { FoundFile } from './find-files.ts';

/**
 * The text of a `.csv`, `.csv.gz` or `.zip` file (one CSV inside).
 * @throws ConfigError `replay.unreadable` when it can not be opened, `replay.corrupt` when it is cut off or not what its
 * name says.
 */
export async function readText(file: FoundFile): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file.path);
  } catch (cause) {
    throw new ConfigError('replay.unreadable', `The file ${file.name} can not be read.`, { cause });
  }
  if (bytes.length === 0) return '';
  if (file.name.endsWith('.gz')) bytes = gunzip(file, bytes);
  else if (file.name.endsWith('.zip')) bytes = unzip(file, bytes);
  return new TextDecoder().decode(bytes);
}

function gunzip(file: FoundFile, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new ConfigError('replay.corrupt', `The file ${file.name} is not a whole gzip file.`, { cause });
  }
}

function unzip(file: FoundFile, bytes: Uint8Array): Uint8Array {
  const sizes = new Map<string, number>();
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter: (entry) => {
        sizes.set(entry.name, entry.originalSize);
        return entry.name.endsWith('.csv');
      },
    });
  } catch (cause) {
    throw new ConfigError('replay.corrupt', `The file ${file.name} is not a whole zip file.`, { cause });
  }
  const [first, ...others] = Object.entries(entries);
  if (first === undefined || others.length > 0) {
    throw new ConfigError(
      'replay.corrupt',
      `The file ${file.name} should hold one CSV file, it holds ${others.length + (first ? 1 : 0)}.`,
    );
  }
  if (sizes.get(first[0]) !== first[1].length) {
    throw new ConfigError('replay.corrupt', `The file ${file.name} is not a whole zip file.`);
  }
  return first[1];
}
