import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError, causeOf } from './error.mjs';
import { cache } from './paths.mjs';

/** Whether the work named by the stamp was done for this digest. */
export function isStamped(name, digest) {
  const file = join(cache, name);
  return existsSync(file) && readFileSync(file, 'utf8') === digest;
}

export function stamp(name, content) {
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, name), content);
  } catch (error) {
    throw new BootstrapError(`cannot write ${join(cache, name)}: ${causeOf(String(error))}`);
  }
}

/** SHA-256 over the names and contents of the files, and whatever else the result depends on. */
export function digestOf(files, ...extra) {
  const hash = createHash('sha256').update(extra.join('\0'));
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** Every file below the folder in a stable order, without the folders of tools. */
export function filesBelow(folder, keep = () => true) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : filesBelow(path, keep);
      return keep(path) ? [path] : [];
    });
}
