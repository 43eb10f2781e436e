import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './program.mjs';

/** Runs the programs of a folder whose names contain one of the words, one after the other; each prints its own table. */
export function runPrograms({ folder, suffix, words, kind }) {
  const path = join(root, folder);
  const isWanted = (file) => file.endsWith(suffix) && (words.length === 0 || words.some((word) => file.includes(word)));
  const files = existsSync(path) ? readdirSync(path).filter(isWanted).sort() : [];
  if (files.length === 0) console.log(words.length > 0 ? `no ${kind} matches ${words.join(' ')}` : `no ${kind}s`);
  for (const file of files) {
    console.log(`\n${file}`);
    const { status } = spawnSync(process.execPath, ['--conditions=@perpdesk/source', join(path, file)], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}
