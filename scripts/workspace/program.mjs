import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** Runs a program at the root (or `cwd`), its output kept: `{ code, output, seconds }`. Never throws; ends it after `minutes`. */
export function runProgram(command, args, { cwd = root, env = process.env, minutes = 8 } = {}) {
  const started = performance.now();
  return new Promise((resolve) => {
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    const finish = (code) => {
      clearTimeout(timer);
      resolve({ code, output, seconds: (performance.now() - started) / 1000 });
    };
    const child = spawn(command, args, { cwd, env: { ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => {
      collect(`\nended after ${minutes} minutes: ${command} ${args.join(' ')}\n`);
      child.kill('SIGKILL');
    }, minutes * 60_000);
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => {
      collect(`${error.message}\n`);
      finish(127);
    });
    child.on('close', (code, signal) => finish(signal ? 128 : code));
  });
}

/** Runs a JavaScript file of an installed tool or of ours under this very Node. */
export function runNode(file, args = [], options = {}) {
  return runProgram(process.execPath, [file, ...args], options);
}

/** Maps with at most `limit` calls under way at once; results in the order of the items. */
export async function mapLimited(items, limit, map) {
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await map(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  return results;
}
