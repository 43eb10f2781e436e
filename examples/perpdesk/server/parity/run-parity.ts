import type { Logger } from '@perpdesk/core';
import { type CompareOptions, compareRuns, type ParityReport, renderParity } from '@perpdesk/execution';
import { startDesk } from '../desk.ts';
import type { Environment } from '../language-model.ts';
import type { SourceKind } from '../options.ts';
import { type RecordedDay, readJournal, readRecordedDay, until } from './recorded-day.ts';

/** The JSON of a parity report. */
export interface DayParity extends ParityReport {
  readonly recording: string;
  readonly source: SourceKind;
  /** Of the recording: parts that could not be read, and updates that were never written. */
  readonly damaged: number;
  readonly lost: number;
}

/** How a run is repeated. */
export interface RunParityOptions {
  readonly speed: number | 'max';
  readonly environment: Environment;
  readonly logger: Logger;
}

/**
 * On the machine's clock a desk takes time to think and to send, on a simulated one it takes none: what was live may differ by
 * as much. What was simulated may not differ at all.
 */
const bounds: Readonly<Record<SourceKind, CompareOptions>> = {
  live: { latency: { ms: 5_000, price: '0.002' }, toleranceMs: 5_000 },
  simulated: {},
  replay: {},
};

/**
 * Runs the newest recorded run of a data directory again, on its recorded feed, with its settings and the acts of its user, and
 * compares the journals.
 * @throws ConfigError as {@link readRecordedDay}; StoreError when nothing of the recording can be read.
 */
export async function runParity(
  directory: string,
  options: RunParityOptions,
): Promise<{ readonly report: DayParity; readonly text: string }> {
  const day = await readRecordedDay(directory, options.logger);
  const journal = await runAgain(day, options);
  const { settings, source, files } = day;
  const compared = compareRuns(day.journal, journal, {
    ...bounds[settings.source],
    disturbances: await source.disturbances(day.endMs),
    untilMs: comparableUntil(day),
  });
  const { damageCount, lost } = source.report();
  const report = { recording: files.path, source: settings.source, damaged: damageCount, lost, ...compared };
  return { report, text: renderParity(report, { left: 'recorded', right: 'again' }) };
}

/** Of a run that was killed the recording ends before the journal: its feed's last second waited for the disk. */
function comparableUntil({ settings, source, endMs }: RecordedDay): number {
  const lastMs = settings.endedAtMs === undefined ? Math.min(endMs, source.lastAtMs - 1) : endMs;
  return lastMs - (bounds[settings.source].toleranceMs ?? 0);
}

/** The journal of a recorded run that is run again. */
export async function runAgain(
  day: RecordedDay,
  { speed, environment, logger }: RunParityOptions,
): Promise<ReturnType<typeof until>> {
  const { venues, seed, tier, autonomy, rearm, afterPosition } = day.settings;
  const desk = await startDesk(
    {
      ...{ source: 'replay', venues, seed, tier, autonomy, rearm },
      ...{ speed, headless: true, exitAtEnd: true, port: 0 },
    },
    { logger, environment, day },
  );
  try {
    await desk.run();
    await desk.halt();
    return until(await readJournal(desk.eventBus, afterPosition), day.endMs);
  } finally {
    await desk.stop();
  }
}
