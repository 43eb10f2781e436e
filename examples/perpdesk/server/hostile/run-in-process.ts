import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { InjectionResult } from './injection-run.ts';
import type { HostileResult } from './run-hostile-desk.ts';
import type { DefenceName } from './switch-off.ts';

/**
 * Plays a seed of the hostile model in a process of its own. `without`: the defence that is switched off in it, and the kind of
 * violation whose first ends it.
 */
export const runInProcess = (
  seed: number,
  {
    quarters,
    without,
    until,
  }: { readonly quarters: number; readonly without?: DefenceName | 'brix'; readonly until?: string },
): Promise<HostileResult> => run('hostile-desk.process.ts', [seed, quarters, without, until]);

/** Places some of the hostile texts in a process of its own. */
export const injectInProcess = (
  from: number,
  count: number,
  { without }: { readonly without?: DefenceName } = {},
): Promise<InjectionResult> => run('injection.process.ts', [from, count, without]);

async function run<Result>(file: string, given: readonly (string | number | undefined)[]): Promise<Result> {
  const program = fileURLToPath(new URL(`./${file}`, import.meta.url));
  const words = given.filter((each) => each !== undefined).map(String);
  const child = spawn(process.execPath, ['--conditions=@perpdesk/source', program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (said === '') throw new Error(`${file} ${words.join(' ')} did not come to its end: ${complaint.slice(0, 2_000)}`);
  return JSON.parse(said) as Result;
}
