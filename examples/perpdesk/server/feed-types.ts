import type { DomainEventType } from '@perpdesk/core';

/** Every domain event, by type: a type that is missing here does not compile. */
const everyType: Record<DomainEventType, 'feed' | 'quiet'> = {
  'candle.closed': 'quiet',
  'candle.skipped': 'quiet',
  'feed.gapped': 'feed',
  'macro.released': 'feed',
  'opinion.published': 'feed',
  'agent.failed': 'feed',
  'agent.abstained': 'quiet',
  'round.opened': 'feed',
  'turn.completed': 'feed',
  'round.concluded': 'feed',
  'recommendation.published': 'feed',
  'opinion.scored': 'quiet',
  'opinion.unscored': 'quiet',
  'calibration.drifted': 'feed',
  'prediction.assessed': 'quiet',
  'prediction.discovered': 'feed',
  'prediction.scored': 'feed',
  'chat.asked': 'quiet',
  'chat.answered': 'feed',
  'proposal.changed': 'feed',
  'risk.decided': 'feed',
  'signal.issued': 'feed',
  'guidance.published': 'feed',
  'approval.requested': 'feed',
  'signal.approved': 'feed',
  'signal.declined': 'feed',
  'order.refused': 'feed',
  'order.submitted': 'feed',
  'order.accepted': 'feed',
  'order.rejected': 'feed',
  'order.unresolved': 'feed',
  'order.canceled': 'feed',
  'order.filled': 'feed',
  'position.opened': 'feed',
  'position.changed': 'feed',
  'position.closed': 'feed',
  'protection.changed': 'feed',
  'protection.missing': 'feed',
  'funding.paid': 'feed',
  'account.changed': 'quiet',
  'trade.settled': 'feed',
  'limit.warned': 'feed',
  'flatten.requested': 'feed',
  'trading-state.changed': 'feed',
  'service.failed': 'feed',
  'listener.failed': 'feed',
};

const isType = (type: string): type is DomainEventType => type in everyType;

/** All types of domain events. */
export const allTypes: readonly DomainEventType[] = Object.keys(everyType).filter(isType);
/** Those that a browser is sent; the others are frequent and drawn from snapshots or market frames. */
export const feedTypes: readonly DomainEventType[] = allTypes.filter((type) => everyType[type] === 'feed');
