import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './program.mjs';

/** The workspaces in a folder: `{ name, folder, manifest }`, by folder name. */
function workspacesIn(parent) {
  return readdirSync(join(root, parent))
    .sort()
    .map((name) => ({ name, folder: join(root, parent, name) }))
    .filter(({ folder }) => existsSync(join(folder, 'package.json')))
    .map((workspace) => ({
      ...workspace,
      manifest: JSON.parse(readFileSync(join(workspace.folder, 'package.json'), 'utf8')),
    }));
}

export const packages = () => workspacesIn('packages');
export const examples = () => workspacesIn('examples');
