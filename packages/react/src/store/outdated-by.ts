import type { KeptRoute } from './desk-state.ts';

/** Which snapshots an event of the journal makes old, by the noun of its type. */
export function outdatedBy(type: string): readonly KeptRoute[] {
  const [noun] = type.split('.');
  switch (noun) {
    case 'opinion':
      return ['/opinions'];
    case 'round':
      return ['/rounds', '/track-records'];
    case 'turn':
      return ['/rounds'];
    case 'order':
    case 'position':
    case 'protection':
    case 'funding':
    case 'account':
    case 'trade':
      return ['/positions', '/orders', '/accounts'];
    case 'approval':
    case 'signal':
      return ['/approvals'];
    case 'proposal':
      return ['/proposals'];
    case 'prediction':
      return ['/predictions'];
    case 'calibration':
      return ['/track-records'];
    case 'trading-state':
    case 'service':
      return ['/status'];
    default:
      return [];
  }
}
