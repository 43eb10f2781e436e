import { ValidationError } from '../errors/validation-error.ts';

/** `redeliver` of what no group has given up. */
export const unknownDeadLetter = (group: string, eventId: string): ValidationError =>
  new ValidationError('dead-letter.unknown', `The group "${group}" has not given up the event ${eventId}.`);

/** `redeliver` to a group that takes the type no more. */
export const noConsumer = (group: string, type: string): ValidationError =>
  new ValidationError('dead-letter.no-consumer', `The group "${group}" takes no ${type} now.`);
