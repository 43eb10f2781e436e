// Runs bench/*.bench.ts one after the other, each a program that prints its own table. Never part of `npm test`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace/program.mjs';

const folder = join(root, 'bench');
const wanted = process.argv.slice(2);
const isWanted = (file) =>
  file.endsWith('.bench.ts') && (wanted.length === 0 || wanted.some((word) => file.includes(word)));
const files = existsSync(folder) ? readdirSync(folder).filter(isWanted).sort() : [];
if (files.length === 0) console.log(wanted.length > 0 ? `no benchmark matches ${wanted.join(' ')}` : 'no benchmarks');
for (const file of files) {
  console.log(`\n${file}`);
  const { status } = spawnSync(process.execPath, ['--conditions=@perpdesk/source', join(folder, file)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
