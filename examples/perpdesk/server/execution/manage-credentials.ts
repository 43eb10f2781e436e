import { type Clock, type Logger, SortableIdGenerator, SystemRandom } from '@perpdesk/core';
import { HmacApprovalAuthority, Redactor, redactingLogger } from '@perpdesk/core/security';
import { CcxtVenue } from '@perpdesk/execution/ccxt';
import type { Environment } from '../language-model.ts';
import { venueEndpoints } from '../reach-venues.ts';
import { type CredentialTask, networkDirectory } from './execution-choice.ts';
import { lighterSigner } from './lighter-signer.ts';
import { openVault } from './open-vault.ts';
import { readSecrets } from './venue-secrets.ts';

/** What keys are managed with. */
export interface CredentialSetting {
  readonly userId: string;
  readonly dataDirectory: string | undefined;
  readonly environment: Environment;
  /** What came on standard input: `name=value` lines. */
  readonly lines: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What came of it, in words without any secret. */
export interface CredentialResult {
  readonly ok: boolean;
  readonly text: string;
}

/**
 * Saves a user's keys for a venue, when the venue finds nothing wrong with them, or forgets them. Saving again replaces them: a
 * desk that runs takes up the new ones by itself.
 * @throws ConfigError, StoreError; VenueError when the venue can not be asked
 */
export async function manageCredentials(task: CredentialTask, setting: CredentialSetting): Promise<CredentialResult> {
  const { act, venue: name, network } = task;
  const { userId, environment, clock } = setting;
  const redactor = new Redactor();
  const logger = redactingLogger(setting.logger, redactor);
  const secrets = act === 'save' ? readSecrets(name, environment, setting.lines) : {};
  redactor.learn(...Object.values(secrets));
  const directory = setting.dataDirectory ?? networkDirectory(network);
  const { vault, path, close } = await openVault({ directory, network, environment, clock, redactor, logger });
  try {
    if (act === 'forget') {
      await vault.remove({ userId, venue: name });
      return {
        ok: true,
        text: `The keys for ${name} (${network}) are gone from ${path}. Revoke them at the venue too.`,
      };
    }
    const ids = new SortableIdGenerator({ clock, random: new SystemRandom() });
    const endpoints = venueEndpoints(environment)[name];
    const venue = new CcxtVenue({
      ...{ venue: name, network, clock, logger, vault, instruments: () => [] },
      verifier: new HmacApprovalAuthority({ clock, ids }).verifier(),
      ...(endpoints === undefined ? {} : { endpoints }),
      ...lighterSigner(environment),
    });
    try {
      await venue.start();
      const { ok, problems, canWithdraw } = await venue.saveCredentials(userId, secrets);
      if (!ok) {
        const reasons = problems.map(({ code, message }) => `${message} (${code})`).join(' ');
        return { ok, text: `The keys for ${name} (${network}) were not kept. ${reasons}` };
      }
      return { ok, text: `The keys for ${name} (${network}) are kept, encrypted, in ${path}. ${mayOf(canWithdraw)}` };
    } finally {
      await venue.stop();
    }
  } finally {
    await close();
  }
}

const mayOf = (canWithdraw: 'no' | 'yes' | 'unknown'): string =>
  canWithdraw === 'no'
    ? 'They may trade and read the account; they may not withdraw.'
    : 'They may trade and read the account; whether they may withdraw this venue does not tell: make sure there that they may not.';
