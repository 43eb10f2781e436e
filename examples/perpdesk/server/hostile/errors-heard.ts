import { type Logger, silentLogger } from '@perpdesk/core';
import type { RunLog } from '../simulation/run-log.ts';

/** Hears what nobody caught, and what is logged as an error: neither may come of a model. `onLine` is given every line, whatever its level. */
export function errorsHeard(
  log: RunLog,
  onLine: (line: string) => void = () => {},
): { readonly logger: Logger; end(): void } {
  const uncaught = (error: unknown): void =>
    log.violation('uncaught', error instanceof Error ? String(error.stack) : String(error));
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', uncaught);
  const line = (fields: object, message = ''): string => {
    const said = `${message} ${fieldsOf(fields)}`;
    onLine(said);
    return said;
  };
  const logger: Logger = {
    ...silentLogger,
    info: line,
    warn: line,
    error: (fields, message) => log.violation('logged error', line(fields, message).slice(0, 800)),
    child: () => logger,
  };
  return {
    logger,
    end: () => {
      process.off('uncaughtException', uncaught);
      process.off('unhandledRejection', uncaught);
    },
  };
}

const fieldsOf = (fields: object): string =>
  JSON.stringify(fields, (_, value) => (value instanceof Error ? String(value.stack) : value)) ?? '';
