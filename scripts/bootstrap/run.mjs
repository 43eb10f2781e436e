import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { childEnvironment } from './environment.mjs';
import { root } from './paths.mjs';

/**
 * Runs the file under the Node given and resolves with its exit code. Where the running Node is that one and can replace its
 * process, it does: no process in between, so that signals, the terminal and a kill reach the command itself.
 */
export function run({ node, file, args, path }) {
  const environment = childEnvironment(path);
  const endWithParent = process.env.npm_lifecycle_event ? ['--import', new URL('./end-with-parent.mjs', import.meta.url).href] : [];
  const flags = ['--conditions=@perpdesk/source', '--disable-warning=ExperimentalWarning', ...endWithParent];
  const argv = [...flags, join(root, file), ...args];
  if (node === process.execPath && process.execve && process.platform !== 'win32') {
    process.execve(node, [node, ...argv], environment);
  }
  return supervise(node, argv, environment);
}

/** Runs the command as a child: passes signals on, and ends as it ended. */
function supervise(node, argv, environment) {
  const child = spawn(node, argv, { stdio: 'inherit', env: environment });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const each of signals) process.off(each, forward);
      if (signal) process.kill(process.pid, signal);
      else resolve(code ?? 1);
    });
  });
}
