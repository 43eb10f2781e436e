import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { childEnvironment } from './environment.mjs';
import { BootstrapError, causeOf } from './error.mjs';
import { root } from './paths.mjs';
import { digestOf, filesBelow, isStamped, stamp } from './stamp.mjs';
import { pnpmDirectory } from './toolchain.mjs';

/** Installs from the lockfile, unless the last install was from these very manifests for this platform. */
export function ensureInstalled(node) {
  const digest = installDigest();
  if (existsSync(join(root, 'node_modules', '.modules.yaml')) && isStamped('install', digest)) return;
  install(node);
  stamp('install', digest);
}

function installDigest() {
  const isManifest = (path) => path.endsWith('package.json');
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((name) => join(root, name));
  const workspaces = ['packages', 'examples'].flatMap((folder) => filesBelow(join(root, folder), isManifest));
  return digestOf([...files, ...workspaces], process.platform, process.arch);
}

function install(node) {
  const folder = pnpmDirectory();
  process.stderr.write('perpdesk: installing packages from the lockfile …\n');
  // Without a network pnpm would wait a minute between its tries.
  const retries = { pnpm_config_fetch_retry_mintimeout: '1000', pnpm_config_fetch_retry_factor: '2' };
  const { status, stdout, stderr, error } = spawnSync(
    join(folder, 'pnpm'),
    ['install', '--frozen-lockfile', '--reporter=append-only'],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...childEnvironment([dirname(node), folder]), ...retries, CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 26,
    },
  );
  if (status === 0) return;
  const output = `${stderr ?? ''}\n${stdout ?? ''}\n${error ?? ''}`;
  throw new BootstrapError(`could not install the packages into ${root}: ${causeOf(output)}`);
}
