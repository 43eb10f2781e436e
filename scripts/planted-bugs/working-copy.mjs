import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { root } from '../workspace/program.mjs';

const copied = ['packages', 'package.json', 'tsconfig.base.json', 'tsconfig.json', 'tsup.base.ts', 'vitest.shared.ts'];
const passedOver = new Set(['dist', 'reports', '.perpdesk', '.vite-temp', '.vite', 'docs']);

/**
 * Copies the packages of the working tree, as they are now, to a temporary folder in which they can be broken: dependencies
 * are linked, packages find one another within the copy. `remove` takes it away again.
 */
export function workingCopy() {
  const folder = mkdtempSync(join(tmpdir(), 'perpdesk-copy-'));
  for (const name of copied)
    cpSync(join(root, name), join(folder, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !passedOver.has(basename(path)),
    });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
