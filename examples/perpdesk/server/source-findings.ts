import type { CandleGap, EventBus, Logger, Unsubscribe } from '@perpdesk/core';
import type { ReplayReport } from '@perpdesk/data';

/** What is the matter with what a source gives. */
export interface SourceFindings {
  readonly gaps: readonly CandleGap[];
  readonly duplicates: number;
  readonly conflicts: number;
  readonly outOfOrder: number;
  readonly malformed: number;
}

/** Of a source that has nothing to complain of. */
export const noFindings: SourceFindings = { gaps: [], duplicates: 0, conflicts: 0, outOfOrder: 0, malformed: 0 };

/** The figures of a recording's findings. */
export const findingsOf = (report: ReplayReport): SourceFindings => ({
  gaps: report.gaps,
  duplicates: report.duplicates,
  conflicts: report.conflicts,
  outOfOrder: report.outOfOrder,
  malformed: report.malformedCount,
});

/** Lines logged of one kind; the rest is a number. */
const listed = 20;

/** Logs what was found in a recording: one line of figures, then a line for each row that a person may want to see. */
export function logFindings(logger: Logger, report: ReplayReport): void {
  const { candles, malformed, malformedCount, findings, gaps, ignoredFiles, notes } = report;
  const figures = { ...findingsOf(report), gaps: gaps.length };
  logger.info(
    { event: 'recording.read', candles, ...figures, ignoredFiles: ignoredFiles.length },
    'the recording was read',
  );
  const list = <Finding extends object>(
    all: readonly Finding[],
    total: number,
    event: string,
    message: string,
  ): void => {
    for (const finding of all.slice(0, listed)) logger.warn({ event, ...finding }, message);
    if (total > listed) logger.warn({ event, more: total - listed }, `${message}: more of them`);
  };
  list(malformed, malformedCount, 'recording.row-malformed', 'a row can not be read and is left out');
  list(findings, report.conflicts + report.outOfOrder, 'recording.row-odd', 'a row is out of order or in conflict');
  for (const file of ignoredFiles.slice(0, listed))
    logger.info({ event: 'recording.file-ignored', file }, 'a file is of no known format');
  for (const note of notes) logger.info({ event: 'recording.note' }, note);
}

/** Logs holes in the market data when the desk comes to them. */
export const logHoles = (logger: Logger, eventBus: EventBus): Unsubscribe =>
  eventBus.subscribe({ group: 'log', types: ['feed.gapped', 'candle.skipped'] }, ({ type, payload }) => {
    const message = type === 'feed.gapped' ? 'minutes are missing' : 'a bar lacks minutes and is not closed';
    logger.warn({ event: type, ...payload }, message);
  });
