import type { ActionPort, Clock, EventBus, Logger, Proposal, Random } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Redactor } from '@perpdesk/core/security';
import type { ReadMid } from './price-drift.ts';
import type { KeptProposal } from './proposal-store.ts';
import type { ProposalLimits } from './settings.ts';

/** Options of `ProposalDesk`. */
export interface ProposalDeskOptions {
  /** Where proposals are kept: that of the event bus, so that a change is never kept without being told. */
  readonly database: Database;
  readonly eventBus: EventBus;
  /** Does what was approved. */
  readonly actions: ActionPort;
  /** See `freshMid`. */
  readonly mid: ReadMid;
  /** What expiry runs on: people answer in real time. Default SystemClock. */
  readonly wallClock?: Clock;
  /** Where ids are from. Default SystemRandom. */
  readonly random?: Random;
  readonly limits?: Partial<ProposalLimits>;
  /** Takes the desk's secrets out of outcomes before they are kept. */
  readonly redactor?: Pick<Redactor, 'mask'>;
  readonly logger?: Logger;
}

/** What may be said of a proposal when it is made. */
export interface ProposeOptions {
  /** Of an order: the mid it is held against, and how far the price may run as a fraction. Default: the mid now, and the desk's bound. */
  readonly reference?: NonNullable<Proposal['reference']>;
  /** Told to those who wait for the decision. */
  readonly threadId?: string;
  /** The trace that its events belong to. */
  readonly traceId?: string;
}

/** Told of each decision, before what was approved is done. What it throws is logged and changes nothing. */
export type DecisionListener = (decided: KeptProposal) => Promise<void>;
