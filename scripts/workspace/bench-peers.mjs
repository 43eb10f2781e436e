import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './program.mjs';

const folder = join(root, 'bench', 'peers');

/**
 * Installs what bench/peers/package.json names, once per version. They are kept out of the workspace: nobody who runs or builds
 * the desk installs them, and one is under a licence that a dependency may not have.
 */
export function installPeers() {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const missing = Object.entries(dependencies).filter(([name, version]) => installedVersion(name) !== version);
  if (missing.length === 0) return;
  console.log(`installing the libraries to compare with: ${missing.map(([name]) => name).join(', ')}`);
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) console.log('some could not be installed; they are left out of the tables');
}

function installedVersion(name) {
  const manifest = join(folder, 'node_modules', name, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}
