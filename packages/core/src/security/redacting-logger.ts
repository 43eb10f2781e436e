import type { Logger } from '../logger/logger.ts';
import { Redactor } from './redactor.ts';

/** A logger that redacts all fields and messages before `logger` sees them. Default redactor: the usual names. */
export function redactingLogger(logger: Logger, redactor: Redactor = new Redactor()): Logger {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message?: string): void => {
      const clean = fieldsOf(redactor, fields);
      if (message === undefined) logger[level](clean);
      else logger[level](clean, redactor.text(message));
    };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (fields) => redactingLogger(logger.child(fieldsOf(redactor, fields)), redactor),
  };
}

/** pino takes an Error in place of fields. */
function fieldsOf(redactor: Redactor, fields: object): object {
  const clean = redactor.redact(fields instanceof Error ? { err: fields } : fields);
  return typeof clean === 'object' && clean !== null ? clean : { value: clean };
}
