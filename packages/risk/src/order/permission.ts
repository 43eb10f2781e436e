import type { Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { accountRefused } from '../recommendation/venue-routing.ts';
import type { EntryInput, OrderControl } from './order-input.ts';

/** The venue, instrument, margin mode and account must be there, known and permitted. Inverse contracts are not traded yet. */
export const permission: OrderControl<EntryInput> = {
  name: 'permission',
  check: (input) =>
    venueRefused(input) ?? instrumentRefused(input) ?? accountRefused(input.account, input.intent.venue),
};

function venueRefused({ venue, intent, limits, user }: EntryInput): Rejection | undefined {
  if (!user.active) return refusal('instrument.not-permitted', 'The user is not active.', 'active', 'inactive');
  if (venue === undefined)
    return refusal('venue.none', `There is no venue "${intent.venue}".`, 'a known venue', intent.venue);
  if (venue.unhealthy !== undefined)
    return refusal('venue.unhealthy', `Orders can not be sent to ${venue.name}.`, 'healthy', venue.unhealthy);
  return venue.marginModes.includes(limits.marginMode)
    ? undefined
    : refusal(
        'margin-mode.not-permitted',
        `${venue.name} does not offer ${limits.marginMode} margin.`,
        venue.marginModes.join(', '),
        limits.marginMode,
      );
}

function instrumentRefused({ instrument, intent, permitted }: EntryInput): Rejection | undefined {
  if (instrument === undefined || instrument.id !== intent.instrumentId) {
    return refusal(
      'instrument.unknown',
      `${intent.venue} does not list the instrument.`,
      'a listed instrument',
      intent.instrumentId.slice(0, 80),
    );
  }
  if (instrument.contract === 'inverse')
    return refusal('settlement.unsupported', 'Inverse contracts are market data only.', 'linear', 'inverse');
  if (instrument.status !== 'trading')
    return refusal('instrument.not-trading', 'The instrument is not trading.', 'trading', instrument.status);
  return permitted
    ? undefined
    : refusal(
        'instrument.not-permitted',
        'The instrument is not permitted for this user.',
        'permitted',
        intent.instrumentId,
      );
}
