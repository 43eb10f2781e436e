import {
  type Clock,
  type Logger,
  type Proposal,
  type ProposalStatus,
  type ProposedAction,
  type Random,
  SystemClock,
  SystemRandom,
  silentLogger,
  type Unsubscribe,
  ValidationError,
} from '@perpdesk/core';
import { within } from '../../war-room/within.ts';
import { couldBeId, unguessableId } from '../unguessable-id.ts';
import { ApprovedActs } from './approved-acts.ts';
import { checkAction } from './check-action.ts';
import { contentHashOf } from './content-hash.ts';
import { describeAction } from './describe-action.ts';
import { reasonOf } from './outcome.ts';
import { isPrice, priceDrift } from './price-drift.ts';
import type { DecisionListener, ProposalDeskOptions, ProposeOptions } from './proposal-desk-options.ts';
import { answeredProposal, changedProposal, unknownProposal } from './proposal-error.ts';
import { type KeptProposal, ProposalStore } from './proposal-store.ts';
import { type ProposalLimits, proposalLimits } from './settings.ts';
import { WakeUp } from './wake-up.ts';

const prefix = 'prop';

/**
 * Keeps what chats propose until its user approves it by its content hash, declines it, lets it expire, or the price runs away from an order;
 * then has an approved one done, once. Nothing else decides: no word of a chat or of a model. An approval is on disk before anything is done;
 * one whose outcome a crash left open is asked of the action port again, under the same id, at the next start. One process at a time is started.
 * @example
 * const proposals = new ProposalDesk({ database, eventBus, actions, mid: freshMid(state.shared) });
 * await proposals.start();
 * const { id, contentHash, summary } = await proposals.propose('ada', conversationId, { kind: 'pause-entries' });
 * await proposals.approve('ada', id, contentHash);
 */
export class ProposalDesk {
  readonly #options: ProposalDeskOptions;
  readonly #store: ProposalStore;
  readonly #wallClock: Clock;
  readonly #random: Random;
  readonly #limits: ProposalLimits;
  readonly #logger: Logger;
  readonly #listeners = new Set<DecisionListener>();
  readonly #acts: ApprovedActs;
  readonly #wakeUp: WakeUp;

  constructor(options: ProposalDeskOptions) {
    this.#options = options;
    this.#store = new ProposalStore(options);
    this.#wallClock = options.wallClock ?? new SystemClock();
    this.#random = options.random ?? new SystemRandom();
    this.#limits = { ...proposalLimits, ...options.limits };
    this.#logger = options.logger ?? silentLogger;
    this.#acts = new ApprovedActs({ ...options, store: this.#store });
    this.#wakeUp = new WakeUp({ clock: this.#wallClock, wake: () => this.#sweep() });
  }

  /**
   * Brings the tables up to date, ends what has expired and asks after what was approved and never came to an outcome; does not wait for
   * those.
   * @throws ConfigError `database.newer`; StoreError
   */
  async start(): Promise<void> {
    await this.#store.open();
    this.#wakeUp.start();
    for (const id of await this.#store.ids('approved')) this.#acts.open.add(id);
    await this.#sweep();
  }

  /** Sets no more timers and waits a bounded time for what is being done. */
  async stop(): Promise<void> {
    this.#wakeUp.stop();
    await within({ clock: this.#wallClock, allowedMs: this.#limits.answerWithinMs }, () => this.#acts.settled());
  }

  /** Tells of each decision: approved, declined, expired, void. */
  onDecided(listener: DecisionListener): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Keeps an action for its user to decide on. Does nothing of it.
   * @throws ValidationError `proposal.action` for one that can not be meant or shown, `proposal.price` for an order while there is no fresh
   * price, `proposal.full` when too many wait
   * @throws StoreError
   */
  async propose(
    userId: string,
    conversationId: string,
    action: ProposedAction,
    options: ProposeOptions = {},
  ): Promise<Proposal> {
    const { expiresAfterMs, mostWaiting } = this.#limits;
    const checked = checkAction(action);
    const summary = describeAction(checked);
    const reference = this.#referenceOf(checked, options);
    const waiting = await this.list(userId, { status: 'waiting', limit: mostWaiting });
    if (waiting.length >= mostWaiting)
      throw new ValidationError('proposal.full', `${mostWaiting} proposals wait already: approve or decline some.`);
    const id = unguessableId(prefix, this.#random);
    const nowMs = this.#wallClock.nowMs();
    const proposal: Proposal = {
      id,
      userId,
      conversationId,
      action: checked,
      contentHash: contentHashOf({ userId, id, action: checked }),
      summary,
      ...(reference === undefined ? {} : { reference }),
      createdAtMs: nowMs,
      expiresAtMs: nowMs + expiresAfterMs,
      status: 'waiting',
    };
    const { threadId, traceId } = options;
    const kept: KeptProposal = {
      proposal,
      ...(threadId === undefined ? {} : { threadId }),
      ...(traceId === undefined ? {} : { traceId }),
    };
    await this.#store.insert(kept);
    this.#wakeUp.at(proposal.expiresAtMs);
    return proposal;
  }

  /**
   * The user's yes to exactly what the hash names. The answer is what came of it, or the proposal as `approved` while that is not known: it is
   * told by `proposal.changed` then.
   * @throws ValidationError `proposal.unknown` also for another user's, `proposal.changed` for another hash, `proposal.expired`, `proposal.void`
   * for an order whose price ran away or is not known, `proposal.decided` for one that was approved or declined
   * @throws StoreError
   */
  async approve(userId: string, proposalId: string, contentHash: string): Promise<Proposal> {
    const { proposal } = await this.#waiting(userId, proposalId, contentHash);
    const drift = this.#driftOf(proposal);
    if (drift !== undefined) {
      const ended = await this.#end(proposalId, 'void', drift);
      throw answeredProposal((ended ?? (await this.#current(proposalId))).proposal);
    }
    const approved = await this.#store.change({
      id: proposalId,
      from: 'waiting',
      to: 'approved',
      expiresAfterMs: this.#wallClock.nowMs(),
    });
    if (approved === undefined) throw answeredProposal((await this.#current(proposalId)).proposal);
    const ended = await within({ clock: this.#wallClock, allowedMs: this.#limits.answerWithinMs }, () =>
      this.#finish(approved),
    );
    return ended.ended === 'done' ? ended.value : approved.proposal;
  }

  /**
   * The user's no, with the reason, where one is given, as the outcome.
   * @throws ValidationError `proposal.unknown`, `proposal.expired`, `proposal.void`, `proposal.decided`; StoreError
   */
  async decline(userId: string, proposalId: string, reason = ''): Promise<Proposal> {
    await this.#waiting(userId, proposalId);
    const declined = await this.#end(proposalId, 'declined', reasonOf(reason, this.#options.redactor));
    if (declined === undefined) throw answeredProposal((await this.#current(proposalId)).proposal);
    return declined.proposal;
  }

  /** A proposal of this user. @throws ValidationError `proposal.unknown` also for another's; StoreError */
  async get(userId: string, proposalId: string): Promise<Proposal> {
    return (await this.#own(userId, proposalId)).proposal;
  }

  /** A user's proposals, newest first; default the last 50. @throws StoreError */
  async list(
    userId: string,
    { status, limit = 50 }: { readonly status?: ProposalStatus; readonly limit?: number } = {},
  ): Promise<readonly Proposal[]> {
    const read = () => this.#store.list(userId, { limit, ...(status === undefined ? {} : { status }) });
    const nowMs = this.#wallClock.nowMs();
    const kept = await read();
    const due = kept.filter(({ proposal }) => isDue(proposal, nowMs));
    for (const { proposal } of due) await this.#end(proposal.id, 'expired');
    return (due.length === 0 ? kept : await read()).map(({ proposal }) => proposal);
  }

  /**
   * Has an approved proposal done, or asks what came of it: what `approve` does once the approval is on disk. Nothing is done of one that
   * is not approved, and one at a time of each. Gives the proposal as it is then.
   * @throws ValidationError `proposal.unknown`; StoreError
   */
  async carryOut(proposalId: string): Promise<Proposal> {
    const proposal = await this.#acts.carryOut(proposalId);
    if (this.#acts.open.has(proposalId)) this.#askAgainLater();
    return proposal;
  }

  /** Ends a wait without an approval. Undefined when it was over already. */
  async #end(id: string, to: 'declined' | 'expired' | 'void', outcome?: string): Promise<KeptProposal | undefined> {
    const ended = await this.#store.change({
      id,
      from: 'waiting',
      to,
      ...(outcome === undefined ? {} : { outcome }),
    });
    if (ended !== undefined) await this.#tellDecided(ended);
    return ended;
  }

  /** Who waits is told beside: what was approved is done whether or not anybody can go on with it. */
  async #finish(approved: KeptProposal): Promise<Proposal> {
    const [done] = await Promise.allSettled([this.carryOut(approved.proposal.id), this.#tellDecided(approved)]);
    if (done.status === 'fulfilled') return done.value;
    this.#askAgainLater();
    throw done.reason;
  }

  async #tellDecided(decided: KeptProposal): Promise<void> {
    for (const listener of this.#listeners) {
      try {
        await listener(decided);
      } catch (error) {
        this.#logger.error({ error, proposalId: decided.proposal.id }, 'who waited for a proposal could not go on');
      }
    }
  }

  /** The user's proposal while it may still be answered. */
  async #waiting(userId: string, proposalId: string, contentHash?: string): Promise<KeptProposal> {
    const own = await this.#own(userId, proposalId);
    if (contentHash !== undefined && (contentHash !== own.proposal.contentHash || !isWhole(own.proposal)))
      throw changedProposal();
    if (own.proposal.status !== 'waiting') throw answeredProposal(own.proposal);
    return own;
  }

  /** As it is now: expired, where its time is over. */
  async #own(userId: string, proposalId: string): Promise<KeptProposal> {
    if (!couldBeId(prefix, proposalId)) throw unknownProposal();
    const kept = await this.#current(proposalId);
    if (kept.proposal.userId !== userId) throw unknownProposal();
    return kept;
  }

  async #current(proposalId: string): Promise<KeptProposal> {
    const kept = await this.#store.get(proposalId);
    if (kept === undefined) throw unknownProposal();
    if (!isDue(kept.proposal, this.#wallClock.nowMs())) return kept;
    return (await this.#end(proposalId, 'expired')) ?? (await this.#store.get(proposalId)) ?? kept;
  }

  #referenceOf(action: ProposedAction, { reference }: ProposeOptions): Proposal['reference'] {
    if (action.kind !== 'place-order') return undefined;
    const price = reference?.price ?? this.#options.mid(action.instrumentId);
    const maxDrift = reference?.maxDrift ?? this.#limits.maxDrift;
    if (!isPrice(price) || !(maxDrift > 0))
      throw new ValidationError(
        'proposal.price',
        'An order can not be proposed while there is no fresh price to hold it against: try again in a moment.',
      );
    return { price, maxDrift };
  }

  #driftOf({ action, reference }: Proposal): string | undefined {
    if (action.kind !== 'place-order') return undefined;
    if (reference === undefined) return 'The price it was proposed at is not known.';
    return priceDrift(reference, this.#options.mid(action.instrumentId));
  }

  /** Ends what has expired, asks after what is open, and forgets what is old. */
  async #sweep(): Promise<void> {
    const nowMs = this.#wallClock.nowMs();
    try {
      for (const id of await this.#store.ids('waiting', { untilMs: nowMs })) await this.#end(id, 'expired');
      for (const id of [...this.#acts.open]) this.#askAfter(id);
      await this.#store.prune(nowMs - this.#limits.keepForMs);
      const nextMs = await this.#store.nextExpiryMs();
      if (nextMs !== undefined) this.#wakeUp.at(nextMs);
    } catch (error) {
      this.#logger.error({ error }, 'proposals could not be looked through');
      this.#askAgainLater();
    }
  }

  /** Asks what came of one that was approved, and does not wait for it. */
  #askAfter(id: string): void {
    const ask = async (): Promise<void> => {
      const kept = await this.#store.get(id);
      if (kept?.proposal.status === 'approved') await this.#finish(kept);
      else this.#acts.open.delete(id);
    };
    ask().catch((error: unknown) => {
      this.#logger.error({ error, proposalId: id }, 'an approved proposal could not be asked after');
      this.#askAgainLater();
    });
  }

  #askAgainLater(): void {
    this.#wakeUp.at(this.#wallClock.nowMs() + this.#limits.askAgainAfterMs);
  }
}

const isDue = ({ status, expiresAtMs }: Proposal, nowMs: number): boolean =>
  status === 'waiting' && expiresAtMs <= nowMs;

/** Whether it still is what its hash was made of. */
const isWhole = (proposal: Proposal): boolean => contentHashOf(proposal) === proposal.contentHash;
