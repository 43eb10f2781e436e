import { ValidationError } from '@perpdesk/core';

/** What somebody who was stopped asks to be allowed again. */
export interface RearmRequest {
  /** `operator`, `user:<id>`, `agent:<name>`, `market:<market>`, or `entries:<user>:<market>`. */
  readonly scope: string;
  readonly reason: string;
  /** What the person authenticated with again, if anything. Never kept or logged. */
  readonly token?: string;
}

/** Says whether whoever asks has authenticated again. The product's business: password, passkey, a terminal's prompt. */
export type Reauthenticate = (request: RearmRequest) => boolean | Promise<boolean>;

/** @throws ValidationError `reauthentication.required` without a callback, or when it says no. */
export async function requireReauthentication(
  reauthenticate: Reauthenticate | undefined,
  request: RearmRequest,
): Promise<void> {
  if (reauthenticate !== undefined && (await reauthenticate(request))) return;
  throw new ValidationError('reauthentication.required', `Re-arming ${request.scope} needs you to authenticate again.`);
}
