import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunReport } from '../run-report.ts';
import { Product } from '../testing/product.ts';

/** A recorded day that is played, and where what it leaves behind is kept. */
export interface DayPlan {
  /** Of the recorded candles. */
  readonly recording: string;
  /** Further options of the product, such as `--from` and `--to`. */
  readonly args: readonly string[];
  /** Where the runs' data directories are made, each by a name. */
  readonly folder: string;
}

/** One run of a day. */
export interface PlayedDay {
  readonly directory: string;
  readonly report: RunReport;
  readonly wallMs: number;
}

/** Who answers: a server, or the journal of an earlier run, with no key, and where no server is. */
export type AnsweredBy = { readonly server: string; readonly timeoutMs: number } | { readonly replay: PlayedDay };

/** Plays a day in a process of its own, at full speed. @throws Error when the product does not end well. */
export async function playDay({ recording, args, folder }: DayPlan, name: string, by: AnsweredBy): Promise<PlayedDay> {
  const directory = join(folder, name);
  const file = join(folder, `${name}.json`);
  const environment =
    'replay' in by
      ? { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' }
      : {
          ...{ OPENAI_API_KEY: 'local', OPENAI_BASE_URL: by.server, OPENAI_MODEL: 'drawn', OPENAI_PRICES: '0.25/2' },
          OPENAI_TIMEOUT_MS: String(by.timeoutMs),
        };
  const before = performance.now();
  const product = new Product(
    [
      ...['--replay', recording, ...args],
      ...'--headless --speed max --exit-at-end --autonomy full-auto'.split(' '),
      ...['--data-dir', directory, '--report', file],
      ...('replay' in by ? ['--replay-models', by.replay.directory] : []),
    ],
    { cwd: folder, environment },
  );
  const { code, error } = await product.ended;
  if (code !== 0 || error !== '') throw new Error(`${name} ended with ${code}: ${error}`);
  return { directory, report: JSON.parse(readFileSync(file, 'utf8')), wallMs: performance.now() - before };
}
