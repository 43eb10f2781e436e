import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from './environment.mjs';
import { BootstrapError } from './error.mjs';
import { root } from './paths.mjs';
import { digestOf, filesBelow, isStamped, stamp } from './stamp.mjs';

const product = join(root, 'examples', 'perpdesk');
const web = join(product, 'web');

/** Builds the web page, unless the last build was from these very sources. */
export function ensureWebPage(node) {
  if (!existsSync(join(web, 'index.html'))) return;
  const digest = webDigest();
  if (existsSync(join(web, 'dist', 'index.html')) && isStamped('web', digest)) return;
  process.stderr.write('perpdesk: building the web page …\n');
  const vite = join(product, 'node_modules', 'vite', 'bin', 'vite.js');
  const { status, stdout, stderr } = spawnSync(node, [vite, 'build', 'web', '--logLevel', 'warn'], {
    cwd: product,
    encoding: 'utf8',
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new BootstrapError(`the web page did not build:\n${stdout}${stderr}`.trimEnd());
  stamp('web', digest);
}

function webDigest() {
  const isInput = (path) => !path.includes('.test.');
  const sources = [web, join(root, 'packages', 'core', 'src'), join(root, 'packages', 'react', 'src')];
  const manifests = [join(root, 'pnpm-lock.yaml'), join(product, 'package.json')];
  return digestOf([...manifests, ...sources.flatMap((folder) => filesBelow(folder, isInput))]);
}
