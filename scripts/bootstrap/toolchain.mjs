import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { childEnvironment } from './environment.mjs';
import { BootstrapError, causeOf } from './error.mjs';
import { cache } from './paths.mjs';
import { stamp } from './stamp.mjs';

const pins = { node: '24.21.0', pnpm: '12.21.0' };
const suffix = process.platform === 'win32' ? '.exe' : '';
const fetched = {};

/** The path of a Node that runs TypeScript sources as they are (22.18 or 23.6 on): this one, or the pinned one from npm's cache. */
export function fittingNode() {
  return fits(process.versions.node) ? process.execPath : tool('node');
}

/** The folder that holds the pinned pnpm. */
export function pnpmDirectory() {
  return dirname(tool('pnpm'));
}

/** Keeps the paths npm gave for the next run, which then needs no npm. Called once node_modules is there. */
export function rememberTools() {
  if (Object.keys(fetched).length > 0) stamp('toolchain.json', JSON.stringify({ ...remembered(), ...fetched }));
}

function fits(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

function tool(name) {
  if (fetched[name]) return fetched[name];
  const path = remembered()[name];
  return isPinned(name, path) ? path : fetch(name);
}

function remembered() {
  try {
    return JSON.parse(readFileSync(join(cache, 'toolchain.json'), 'utf8'));
  } catch {
    return {};
  }
}

function isPinned(name, path) {
  if (!path || !existsSync(path)) return false;
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', env: childEnvironment() });
  return stdout?.trim().replace(/^v/, '') === pins[name];
}

function fetch(name) {
  const names = fits(process.versions.node) ? ['pnpm'] : ['node', 'pnpm'];
  const label = names.map((each) => `${each} ${pins[each]}`).join(' and ');
  process.stderr.write(`perpdesk: getting ${label} through npm (kept in npm's cache) …\n`);
  const { status, stdout, stderr, error } = npmExec(names.map((each) => `--package=${each}@${pins[each]}`));
  if (error) throw new BootstrapError(`npm was not found (${error.code}); install it, or Node 24, which brings it`);
  const path = /^\{"path":.*$/m.exec(stdout ?? '')?.[0];
  if (status !== 0 || !path)
    throw new BootstrapError(`could not get ${label} through npm: ${causeOf(`${stderr}\n${stdout}`)}`);
  const folders = JSON.parse(path).path.split(delimiter);
  for (const each of names)
    fetched[each] = folders.map((folder) => join(folder, each + suffix)).find((file) => isPinned(each, file));
  if (!fetched[name])
    throw new BootstrapError(`npm brought no ${name} ${pins[name]} (are install scripts switched off in .npmrc?)`);
  return fetched[name];
}

/** Lets npm install the packages into its cache and print the PATH they are on. */
function npmExec(packages) {
  const print = 'console.log(JSON.stringify({ path: process.env.PATH ?? process.env.Path }))';
  const retries = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const args = [
    'exec',
    '--yes',
    '--prefer-offline',
    '--loglevel=error',
    ...retries,
    ...packages,
    '--',
    process.execPath,
    '-e',
    print,
  ];
  const options = { encoding: 'utf8', env: childEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] };
  const cli = process.env.npm_execpath;
  if (cli && basename(cli) === 'npm-cli.js') return spawnSync(process.execPath, [cli, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}
