import {
  type ApprovedOrder,
  type CancelOutcome,
  isFinal,
  type Order,
  type OrderIntent,
  SeededRandom,
  toPrice,
  toSize,
} from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import { isUnsettled } from '../../orders/merge-order.ts';
import { OrderStore } from '../../orders/order-store.ts';
import type { SendOutcome } from '../../orders/send-outcome.ts';
import { btcAt, type CampaignWorld } from './campaign-world.ts';
import type { DeskLife } from './desk-life.ts';
import { between, chance, type DuplicateCase, verbs } from './duplicate-case.ts';
import { type HistoryEvent, LegHistory } from './leg-history.ts';
import { type Leg, type Scenario, scenario } from './scenario.ts';

/** Refusals after which a trade asks again under another id: nothing is there, and it may be taken later. */
const transient = new Set(['venue.unhealthy', 'order.throttled', 'approval.expired', 'order.invalid', 'expired']);
/** How often a leg is begun anew. */
const mostAttempts = 3;

type Told = SendOutcome | CancelOutcome | { readonly outcome: 'died' };

/** Runs one case: what is done with orders, in which answers are lost and the process ends, until all is known. */
export class CaseRun {
  readonly #world: CampaignWorld;
  readonly #spec: DuplicateCase;
  readonly #random: SeededRandom;
  readonly #scenario: Scenario;
  readonly #history: LegHistory;
  #life: Promise<DeskLife>;
  #fresh = 0;
  #probes = 0;
  /** The life that trades; undefined between two. */
  #trading: DeskLife | undefined;
  #over = false;

  constructor(world: CampaignWorld, spec: DuplicateCase) {
    this.#world = world;
    this.#spec = spec;
    this.#random = new SeededRandom(spec.seed);
    this.#scenario = scenario(spec.verb, this.#random);
    this.#history = new LegHistory(() => world.clock.nowMs());
    this.#life = this.#begin();
  }

  /** Resolves with what happened when nothing is left to be done. */
  async run(): Promise<readonly HistoryEvent[]> {
    const { clock, timing } = this.#world;
    const placed: Order[] = [];
    for (const leg of this.#scenario.setUp) {
      const told = await this.#pursue(leg);
      if (told?.outcome === 'accepted' && 'order' in told) placed.push(told.order);
    }
    this.#loseAnswers();
    const endings = this.#planEndings();
    this.#moveMarket();
    this.#watchUnknown();
    await this.#act(placed);
    await Promise.all(endings);
    // What is not known is found out; then the market takes new risk again.
    const endMs = clock.nowMs() + timing.endMs;
    let life = await this.#life;
    // A process that ended after it had written an order down asks after it in its next life, though it was never sent.
    while (clock.nowMs() < endMs && (this.#open().length > 0 || life.awaitsOutcomes)) {
      await clock.sleep(timing.retryMs);
      life = await this.#life;
    }
    await this.#probe(life);
    this.#over = true;
    await life.kill();
    return this.#history.events;
  }

  async #act(placed: readonly Order[]): Promise<void> {
    const { legs, amended } = this.#scenario;
    const { verb } = this.#spec;
    if (verb === 'batch') return this.#sendTogether(legs);
    if (verb === 'amend' && amended !== undefined) return void (await this.#amend(amended, placed[0]));
    if (verb === 'cancel') {
      for (const order of placed) await this.#insist(order.clientOrderId, (life) => life.desk.cancel(order));
      return;
    }
    if (verb === 'cancel-all') {
      const ids = placed.map(({ clientOrderId }) => clientOrderId);
      await this.#insist(ids.join(' '), (life) => life.venue.cancelAll('alice', btcAt.id));
      return;
    }
    for (const leg of legs) await this.#pursue(leg);
  }

  /** Sends a leg as a trade does: the same id until it is known what became of it, another once it is known that nothing did. */
  async #pursue(leg: Leg): Promise<Told | undefined> {
    const endMs = this.#world.clock.nowMs() + this.#world.timing.endMs;
    for (let attempt = 1; attempt <= mostAttempts && this.#world.clock.nowMs() < endMs; ) {
      const intent = { ...leg.intent, clientOrderId: this.#idOf(leg, attempt) };
      const told = await this.#ask('place', leg, intent, (life) => life.desk.send(intent));
      if (told.outcome === 'accepted' && !(isOrderTold(told) && told.order.status === 'expired')) return told;
      const code = codeOf(told);
      if (code !== undefined && code !== 'order.unresolved') {
        if (!transient.has(code)) return told;
        attempt += 1;
      }
      await this.#pause();
    }
    return undefined;
  }

  /** Writes several legs down, sends them in one request, and goes on with each by its id where the answer leaves it open. */
  async #sendTogether(legs: readonly Leg[]): Promise<void> {
    const life = await this.#life;
    const put = (order: Order, expiresAtMs: number): Promise<void> =>
      Promise.race([store.put(order, expiresAtMs), life.died]).catch(() => undefined);
    const sent: {
      readonly leg: Leg;
      readonly intent: OrderIntent;
      readonly act: number;
      readonly order: ApprovedOrder;
      readonly intended: Order;
    }[] = [];
    const store = new OrderStore(life.database);
    for (const leg of legs) {
      const intent = { ...leg.intent, clientOrderId: this.#idOf(leg, 1) };
      const decision = await life.gate.authorize(intent);
      if (decision.outcome !== 'approved') continue;
      const act = this.#invoke('place', leg, intent);
      const nowMs = this.#world.clock.nowMs();
      const intended: Order = {
        ...intent,
        status: 'intended',
        filledSize: toSize(0),
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      };
      await put(intended, decision.order.authorization.expiresAtMs);
      sent.push({ leg, intent, act, order: decision.order, intended });
    }
    const outcomes = await Promise.race([
      life.venue.placeAll(sent.map(({ order }) => order)).catch(() => undefined),
      life.died.then(() => undefined),
    ]);
    for (const [index, { act, order, intended }] of sent.entries()) {
      const outcome = outcomes?.[index];
      if (outcome === undefined) {
        this.#history.note({ type: 'info', act, why: 'the process ended' });
        continue;
      }
      if (outcome.outcome === 'accepted') {
        await put(outcome.order, order.authorization.expiresAtMs);
        this.#history.note({ type: 'ok', act, size: outcome.order.size, status: outcome.order.status });
        continue;
      }
      if (outcome.outcome === 'rejected' && outcome.rejection.code !== 'order.duplicate')
        this.#history.note({ type: 'fail', act, code: outcome.rejection.code });
      else {
        this.#history.note({ type: 'info', act, why: outcome.outcome });
        life.note({ ...intended, status: 'unresolved' });
      }
    }
    // The desk has those that are open as intended, and asks the venue before anything is sent.
    const left = sent.filter(({ intent }) => this.#open().includes(intent.clientOrderId));
    await Promise.all(left.map(({ leg }) => this.#pursue(leg)));
  }

  async #amend(leg: Leg, placed: Order | undefined): Promise<void> {
    if (placed === undefined) return;
    const { clientOrderId } = placed;
    const intent = { ...leg.intent, clientOrderId };
    const endMs = this.#world.clock.nowMs() + this.#world.timing.endMs;
    while (this.#world.clock.nowMs() < endMs) {
      const told = await this.#ask('amend', leg, intent, (life) => life.desk.amend(intent));
      if (told.outcome === 'accepted') {
        const asAsked = isOrderTold(told) && told.order.size === intent.size && told.order.price === intent.price;
        if (asAsked || !isOrderTold(told) || !['open', 'partially-filled'].includes(told.order.status)) return;
      } else if (codeOf(told) !== undefined && codeOf(told) !== 'order.unresolved') return;
      await this.#pause();
    }
  }

  /** Cancels until it is known that nothing is left. */
  async #insist(clientOrderId: string, cancel: (life: DeskLife) => Promise<CancelOutcome>): Promise<void> {
    const endMs = this.#world.clock.nowMs() + this.#world.timing.endMs;
    while (this.#world.clock.nowMs() < endMs) {
      const leg = { name: 'cancel', intent: { size: toSize(0) } };
      const told = await this.#ask('cancel', leg, { clientOrderId, size: toSize(0) }, cancel);
      if (told.outcome === 'accepted' || told.outcome === 'rejected') return;
      await this.#pause();
    }
  }

  async #ask(
    verb: 'place' | 'amend' | 'cancel',
    leg: { readonly name: string },
    intent: Pick<OrderIntent, 'clientOrderId' | 'size'>,
    ask: (life: DeskLife) => Promise<SendOutcome | CancelOutcome>,
  ): Promise<Told> {
    const life = await this.#life;
    const act = this.#invoke(verb, leg, intent);
    const died = life.died.then(() => ({ outcome: 'died' }) as const);
    const told: Told = await Promise.race([
      ask(life).catch((error: unknown) => ({ outcome: 'unknown' as const, reason: String(error) })),
      died,
    ]);
    const code = codeOf(told);
    if (code !== undefined) this.#history.note({ type: 'fail', act, code });
    else if (told.outcome === 'accepted') {
      const order = isOrderTold(told) ? told.order : undefined;
      this.#history.note({ type: 'ok', act, size: order?.size ?? '0', status: order?.status ?? 'canceled' });
    } else {
      this.#history.note({ type: 'info', act, why: told.outcome });
      if (told.outcome === 'unknown') {
        this.#noteKnown(life);
        if (verb === 'place') await this.#probe(life);
      }
    }
    return told;
  }

  #invoke(
    verb: 'place' | 'amend' | 'cancel',
    leg: { readonly name: string },
    intent: Pick<OrderIntent, 'clientOrderId' | 'size'>,
  ): number {
    const { clientOrderId, size } = intent;
    return this.#history.invoke({ verb, leg: leg.name, clientOrderId, size });
  }

  /** Asks for new risk on the symbol. It may go only when nothing is unknown. */
  async #probe(life: DeskLife): Promise<void> {
    this.#probes += 1;
    const intent: OrderIntent = {
      ...{ userId: 'alice', venue: 'hyperliquid', instrumentId: btcAt.id, side: 'buy', type: 'limit' },
      ...{ size: toSize('0.001'), price: toPrice(50_000), timeInForce: 'post-only', reduceOnly: false },
      ...{
        purpose: 'entry',
        origin: 'manual',
        clientOrderId: deriveClientOrderId(this.#spec.seed, `probe ${this.#probes}`),
      },
    };
    const decision = await life.gate.authorize(intent);
    const outcome = decision.outcome === 'approved' ? 'approved' : decision.rejection.code;
    this.#history.note({ type: 'probe', clientOrderId: intent.clientOrderId, outcome });
  }

  /** While something is not known, new risk is asked for again and again. */
  #watchUnknown(): void {
    const { clock, timing } = this.#world;
    clock.setTimer(timing.resolveMs - timing.retryMs / 3, () => {
      const life = this.#trading;
      if (this.#over) return;
      this.#watchUnknown();
      if (life === undefined || this.#open().length === 0) return;
      this.#noteKnown(life);
      if (this.#open().length > 0) void this.#probe(life);
    });
  }

  /** What the desk's account shows of what is not known: the venue's own news may have told what the answer did not. */
  #noteKnown(life: DeskLife): void {
    for (const clientOrderId of this.#open().flatMap((ids) => ids.split(' '))) {
      const order = life.portfolio.order({ userId: 'alice', venue: 'hyperliquid', clientOrderId });
      if (order === undefined || isUnsettled(order.status)) continue;
      this.#resolved(order, 'account');
    }
  }

  #resolved({ clientOrderId, size, status }: Order, by: 'desk' | 'account'): void {
    this.#history.note({ type: 'resolve', by, clientOrderId, size, status });
  }

  #idOf(leg: Leg, attempt: number): string {
    const step = `${leg.name} ${attempt}`;
    if (this.#spec.sabotage !== 'random-ids') return deriveClientOrderId(this.#spec.seed, step);
    this.#fresh += 1;
    return deriveClientOrderId(this.#spec.seed, `${step} try ${this.#fresh}`);
  }

  /** From here on answers to the acts are lost, and in part of the runs also those to questions. */
  #loseAnswers(): void {
    const { faults } = this.#world.exchange;
    const { fault, verb } = this.#spec;
    const late = { delayMs: this.#world.timing.lateMs };
    const lose = (kind: typeof fault, struck: readonly string[], times: number): void => {
      faults.add({ kind, verbs: struck, times, ...(kind === 'late' ? late : {}) });
    };
    lose(fault, verbs[verb], between(this.#random, 1, 3));
    if (fault === 'duplicate-answer') lose(fault, ['orderUpdates', 'userFills'], 6);
    if (chance(this.#random, 0.35)) lose(fault, ['orderStatus'], between(this.#random, 1, 4));
    // News are lost, too: the socket says nothing of what was done.
    if (chance(this.#random, 0.3))
      faults.add({
        kind: 'drop-before-accept',
        verbs: ['orderUpdates', 'userFills'],
        times: between(this.#random, 1, 4),
      });
  }

  #planEndings(): readonly Promise<void>[] {
    const { clock, timing } = this.#world;
    const count = chance(this.#random, 0.3) ? between(this.#random, 1, 2) : 0;
    return Array.from({ length: count }, async () => {
      const inFlight = chance(this.#random, 0.5);
      await clock.sleep(between(this.#random, 1, inFlight ? 150 : timing.timeoutMs + timing.resolveMs));
      await this.#restart();
    });
  }

  async #restart(): Promise<void> {
    const { clock, timing } = this.#world;
    const ending = this.#life;
    const next = ending.then(async (life) => {
      this.#trading = undefined;
      await life.kill();
      this.#history.note({ type: 'restart' });
      await clock.sleep(between(this.#random, 100, timing.retryMs));
      return this.#begin();
    });
    this.#life = next;
    const life = await next;
    this.#noteKnown(life);
    for (const clientOrderId of this.#open()) {
      const ref = { userId: 'alice', venue: 'hyperliquid', clientOrderId };
      if (clientOrderId.includes(' ')) continue;
      const found = await life.desk.find(ref);
      // A life that has ended meanwhile knows nothing.
      if (this.#trading !== life) return;
      if (found === undefined) this.#history.note({ type: 'forgotten', clientOrderId });
      // The life before had written down what the venue told, though it waited for its answer still.
      else if (!isUnsettled(found.status)) this.#resolved(found, 'desk');
    }
  }

  #moveMarket(): void {
    const { market } = this.#scenario;
    if (market === 'still') return;
    const { clock, exchange, timing } = this.#world;
    const size = toSize((between(this.#random, 2, 40) / 1000).toFixed(3));
    clock.setTimer(between(this.#random, 10, timing.timeoutMs), () => {
      const { engine } = exchange;
      if (market === 'mark-moves') {
        engine.setMark('BTC', toPrice(58_000));
        engine.setMark('BTC', toPrice(62_000));
        return;
      }
      engine.marketTrade('BTC', 'sell', toPrice(59_000), size);
      engine.marketTrade('BTC', 'buy', toPrice(61_000), size);
    });
  }

  async #begin(): Promise<DeskLife> {
    this.#trading = await this.#world.live((order, wasUnknown) => {
      if (wasUnknown) this.#resolved(order, 'desk');
    });
    this.#history.note({ type: 'started' });
    return this.#trading;
  }

  /** The ids of which it is not known what became. */
  #open(): readonly string[] {
    return unknownIds(this.#history.events);
  }

  async #pause(): Promise<void> {
    const { clock, timing } = this.#world;
    await clock.sleep(between(this.#random, timing.retryMs / 10, timing.retryMs));
    this.#noteKnown(await this.#life);
  }
}

function unknownIds(events: readonly HistoryEvent[]): readonly string[] {
  const asked = new Map<number, { readonly clientOrderId: string; readonly verb: string }>();
  const open = new Map<string, string>();
  for (const event of events) {
    const about = 'act' in event ? asked.get(event.act) : undefined;
    if (event.type === 'invoke') asked.set(event.act, event);
    else if (event.type === 'info' && about !== undefined) open.set(about.clientOrderId, about.verb);
    else if (about !== undefined) open.delete(about.clientOrderId);
    else if (event.type === 'forgotten') open.delete(event.clientOrderId);
    // An order that is shown as resting says nothing of whether its cancellation will come.
    else if (event.type === 'resolve' && (open.get(event.clientOrderId) !== 'cancel' || isFinal(event.status)))
      open.delete(event.clientOrderId);
  }
  return [...open.keys()];
}

const isOrderTold = (told: Told): told is Extract<SendOutcome, { readonly outcome: 'accepted' }> => 'order' in told;

/** Why it did not happen; undefined when it did, or when nobody knows. */
function codeOf(told: Told): string | undefined {
  if (isOrderTold(told)) {
    const { status } = told.order;
    return status === 'expired' || status === 'rejected' ? status : undefined;
  }
  return 'rejection' in told ? told.rejection.code : undefined;
}
