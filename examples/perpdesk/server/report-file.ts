import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { ConfigError } from '@perpdesk/core';

/**
 * Makes sure that a report can be written where it is asked for, before a run that may take hours.
 * @throws ConfigError `report.unwritable`
 */
export function checkReportFile(file: string): void {
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, 'a'));
    if (isNew) rmSync(file);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/** Writes a report as JSON. @throws ConfigError `report.unwritable` */
export function writeReport(file: string, report: object): void {
  try {
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function unwritable(file: string, cause: unknown): ConfigError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known: Record<string, string> = {
    ENOENT: 'its folder is not there',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is a file',
    EACCES: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space is left',
  };
  return new ConfigError('report.unwritable', `The report ${file} can not be written: ${known[code] ?? code}.`, {
    cause,
  });
}
