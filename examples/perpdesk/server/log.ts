import type { Logger } from '@perpdesk/core';
import { redactingLogger } from '@perpdesk/core/security';
import { destination, pino } from 'pino';

/** JSON lines on standard output, secrets redacted; on a terminal only what needs attention, on standard error. */
export function createLogger(): Logger {
  const terminal = process.stdout.isTTY === true;
  const lines = pino(
    { level: terminal ? 'warn' : 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: terminal ? 2 : 1, sync: true }),
  );
  return redactingLogger(lines);
}
