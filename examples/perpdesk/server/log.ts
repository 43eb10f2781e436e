import type { Logger } from '@perpdesk/core';
import { Redactor, redactingLogger } from '@perpdesk/core/security';
import { destination, type LoggerOptions, pino, stdTimeFunctions } from 'pino';

/** Goes to the beginning of the line and empties it: a progress line may stand there. */
const clearLine = '\r\u001b[K';

/** How a log is kept. */
export interface LogSetting {
  readonly secrets: readonly string[];
  /** The least that is told, then on standard error: standard output is for something else. */
  readonly level?: 'error';
}

/** JSON lines on standard output, secrets redacted; on a terminal only what needs attention, on standard error. */
export function createLogger({ secrets, level }: LogSetting): Logger {
  const terminal = process.stdout.isTTY === true;
  const options: LoggerOptions = {
    level: level ?? (terminal ? 'warn' : 'info'),
    base: null,
    timestamp: stdTimeFunctions.isoTime,
  };
  const lines = terminal
    ? pino(options, { write: (line) => process.stderr.write(`${clearLine}${line}`) })
    : pino(options, destination({ fd: level === undefined ? 1 : 2, sync: true }));
  return redactingLogger(lines, new Redactor({ secrets }));
}
