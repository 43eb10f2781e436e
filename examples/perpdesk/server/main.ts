import { PerpDeskError, SystemClock } from '@perpdesk/core';
import type { CredentialTask } from './execution/execution-choice.ts';
import { Interruption } from './interruption.ts';
import { helpText, parseOptions, type ServerOptions } from './options.ts';
import { checkReportFile, writeReport } from './report-file.ts';

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === undefined) {
    process.stdout.write(`${helpText}\n`);
    return;
  }
  if (options.credentials !== undefined) {
    await manageKeys(options, options.credentials);
    return;
  }
  if (options.reportFile !== undefined) checkReportFile(options.reportFile);
  if (options.parityDirectory === undefined) await run(options, new Interruption());
  else await compare(options, options.parityDirectory);
}

/** Runs a recorded run again and tells what differs; what is unexplained ends the process with 1. */
async function compare(options: ServerOptions, directory: string): Promise<void> {
  const [{ runParity }, { secretsOf }, { createLogger }] = await Promise.all([
    import('./parity/run-parity.ts'),
    import('./language-model.ts'),
    import('./log.ts'),
  ]);
  const environment = process.env;
  const logger = createLogger({ secrets: secretsOf(environment), level: 'error' });
  const { report, text } = await runParity(directory, { speed: options.speed, environment, logger });
  process.stdout.write(`${text}\n`);
  if (options.reportFile !== undefined) writeReport(options.reportFile, report);
  if (report.unexplained > 0) process.exitCode = 1;
}

/** Keeps or forgets a venue's keys; keys that are not in order end the process with 1. */
async function manageKeys({ dataDirectory }: ServerOptions, task: CredentialTask): Promise<void> {
  const [{ manageCredentials }, { demoUserId }, { createLogger }, { text }] = await Promise.all([
    import('./execution/manage-credentials.ts'),
    import('./demo-user.ts'),
    import('./log.ts'),
    import('node:stream/consumers'),
  ]);
  const result = await manageCredentials(task, {
    ...{ userId: demoUserId, dataDirectory, environment: process.env },
    lines: task.act === 'forget' || process.stdin.isTTY ? '' : await text(process.stdin),
    clock: new SystemClock(),
    logger: createLogger({ secrets: [], level: 'error' }),
  });
  (result.ok ? process.stdout : process.stderr).write(`${result.text}\n`);
  if (!result.ok) process.exitCode = 1;
}

async function run(options: ServerOptions, interruption: Interruption): Promise<void> {
  // Loaded only now, so that help and mistakes in the flags are answered at once.
  const [{ startDesk }, { secretsOf }, { createLogger }, { Progress }, { serve }] = await Promise.all([
    import('./desk.ts'),
    import('./language-model.ts'),
    import('./log.ts'),
    import('./progress.ts'),
    import('./serve.ts'),
  ]);
  const environment = process.env;
  const logger = createLogger({ secrets: secretsOf(environment) });
  const desk = await startDesk(options, { logger, environment });
  interruption.started();
  try {
    const server = options.headless ? undefined : await serve(desk, options, logger);
    announce(desk.notice, server?.url);

    const progress = new Progress({ desk, stream: process.stderr, clock: new SystemClock() });
    const ended = desk.run().then(() => 'end' as const);
    progress.start();
    const why = await Promise.race([interruption.signalled, ended]);
    progress.stop();
    if (why === 'end' && !options.exitAtEnd) {
      logger.info({ event: 'source.ended' }, 'the source has ended; the desk stays up until Ctrl-C');
      await interruption.signalled;
    }
    await server?.close();
    const report = await desk.halt();
    if (options.reportFile !== undefined) writeReport(options.reportFile, report);
  } finally {
    await desk.stop();
  }

  /** The first line: what this is, and where. */
  function announce(notice: string, url: string | undefined): void {
    const text = url === undefined ? notice : `${notice} Page: ${url}`;
    if (process.stdout.isTTY) process.stdout.write(`${text}\n`);
    else logger.info({ event: 'desk.started', notice, ...(url === undefined ? {} : { url }) }, text);
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    // A user's mistake is one line; anything else is ours and shows where.
    const text = PerpDeskError.is(error)
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
    process.stderr.write(`perpdesk: ${text}\n`);
    process.exit(PerpDeskError.is(error) && error.code === 'flags.invalid' ? 2 : 1);
  },
);
