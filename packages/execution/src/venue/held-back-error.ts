import { PerpDeskError, type Rejection } from '@perpdesk/core';

/** Thrown inside an adapter at the wire: an authorised order must not leave any more. */
export class HeldBackError extends PerpDeskError {
  override readonly name: string = 'HeldBackError';
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super('order.held-back', rejection.message);
    this.rejection = rejection;
  }
}
