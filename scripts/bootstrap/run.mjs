import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { childEnvironment } from './environment.mjs';
import { root } from './paths.mjs';

const startedByNpm = Boolean(process.env.npm_lifecycle_event);

/**
 * Runs the file under the Node given and resolves with its exit code. Where the running Node is that one and can replace its
 * process, it does: no process in between, so that signals, the terminal and a kill reach the command itself.
 */
export function run({ node, file, args, path }) {
  const environment = childEnvironment(path);
  const endWithParent = ['--import', new URL('./end-with-parent.mjs', import.meta.url).href];
  const flags = ['--conditions=@perpdesk/source', '--disable-warning=ExperimentalWarning'];
  const argv = [...flags, ...(startedByNpm ? endWithParent : []), join(root, file), ...args];
  if (node === process.execPath && process.execve && process.platform !== 'win32') {
    process.execve(node, [node, ...argv], environment);
  }
  return supervise(node, argv, environment);
}

/** Runs the command as a child: passes signals on, ends as it ended, and ends it when npm was killed outright. */
function supervise(node, argv, environment) {
  const child = spawn(node, argv, { stdio: 'inherit', env: environment });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  const parent = process.ppid;
  const watch = startedByNpm && setInterval(() => process.ppid === parent || child.kill('SIGKILL'), 200);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      for (const each of signals) process.off(each, forward);
      if (signal) process.kill(process.pid, signal);
      else resolve(code ?? 1);
    });
  });
}
