import { readFileSync } from 'node:fs';
import type { RunReport } from '../run-report.ts';
import type { Workplace } from './product.ts';

/** A replay that ended well. */
export interface ReplayRun {
  readonly report: RunReport;
  /** The lines of its log. */
  readonly log: readonly (Readonly<Record<string, unknown>> & { readonly level: number; readonly event?: string })[];
}

let runs = 0;

/** Replays a directory as fast as it goes and reads its report. @throws Error when the product did not end well. */
export async function replay(place: Workplace, directory: string, args: readonly string[] = []): Promise<ReplayRun> {
  runs += 1;
  const file = place.file(`report-${runs}.json`);
  const ended = await place.run(
    `--speed max --headless --exit-at-end --autonomy full-auto --report ${file} --replay`
      .split(' ')
      .concat(directory, args),
  );
  if (ended.code !== 0 || ended.error !== '') throw new Error(`It ended with ${ended.code}: ${ended.error}`);
  return {
    report: JSON.parse(readFileSync(file, 'utf8')),
    log: ended.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}
