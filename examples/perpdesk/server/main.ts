import { writeFileSync } from 'node:fs';
import { ConfigError, PerpDeskError, SystemClock } from '@perpdesk/core';
import { startDesk } from './desk.ts';
import { createLogger } from './log.ts';
import { helpText, parseOptions } from './options.ts';
import { Progress } from './progress.ts';
import { serve } from './serve.ts';

/** How long an orderly end may take before the process ends anyway. */
const stopWithinMs = 1_800;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === undefined) {
    process.stdout.write(`${helpText}\n`);
    return 0;
  }
  const logger = createLogger();
  const desk = await startDesk(options, logger);
  const server = options.headless
    ? undefined
    : await serve(desk, options, logger).catch(async (error: unknown) => {
        await desk.stop();
        throw error;
      });
  const progress = new Progress({ desk, stream: process.stderr, clock: new SystemClock() });
  const page = server === undefined ? '' : ` Page: ${server.url}`;
  process.stdout.isTTY
    ? process.stdout.write(`${desk.notice}${page}\n`)
    : logger.info(
        { event: 'desk.started', notice: desk.notice, ...(server === undefined ? {} : { url: server.url }) },
        `${desk.notice}${page}`,
      );

  const stopped = waitForSignal();
  const ended = desk.run();
  progress.start();
  const why = await Promise.race([stopped.then(() => 'signal' as const), ended.then(() => 'end' as const)]);
  if (why === 'end' && !options.exitAtEnd) {
    logger.info({ event: 'source.ended' }, 'the recording has ended; the desk stays up until Ctrl-C');
    await stopped;
  }
  progress.stop();
  const forced = setTimeout(
    () => process.exit(why === 'signal' ? 0 : 1),
    options.exitAtEnd && why === 'end' ? 30_000 : stopWithinMs,
  );
  forced.unref();
  await server?.close();
  const report = await desk.stop();
  if (options.reportFile !== undefined) writeReport(options.reportFile, report);
  return 0;
}

function writeReport(file: string, report: object): void {
  try {
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (cause) {
    throw new ConfigError(
      'report.unwritable',
      `The report ${file} can not be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}

/** One Ctrl-C comes more than once, from the terminal and from npm: later ones must not cut the orderly end short. */
function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
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
