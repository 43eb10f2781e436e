import { type DomainEvent, type EventBus, type Opinion, ValidationError } from '@perpdesk/core';
import { EventDigest } from '@perpdesk/core/security';
import { jsonOf } from '../model/call/json-of.ts';
import { readTrace } from './decision-trace.ts';
import { differencesBetween } from './difference.ts';
import type { ChangedVersion, MissingStep, ReplayDifference, StepFindings } from './replay-findings.ts';
import { replayGuidance } from './replay-guidance.ts';
import { replayAbstention, replayOpinion } from './replay-opinion.ts';
import { type PublishedRound, replayRound } from './replay-round.ts';
import type { ReplaySources } from './replay-sources.ts';

/** Options of {@link replayDecision}. */
export interface ReplayDecisionOptions extends ReplaySources {
  readonly traceId: string;
  /** What was published. */
  readonly eventBus: Pick<EventBus, 'read'>;
}

/** How a replay compares with what was published. */
export interface DecisionReplay {
  readonly traceId: string;
  /** True where every step was replayed and came out as it was published. */
  readonly same: boolean;
  /** In the order of the decision: the first is the cause of those behind it. */
  readonly differences: readonly ReplayDifference[];
  readonly missing: readonly MissingStep[];
  readonly versions: readonly ChangedVersion[];
  /** How many events were reckoned again. */
  readonly replayed: number;
  /** Of what came out now, and of what was published: `EventDigest` over the same steps. */
  readonly digest: string;
  readonly recordedDigest: string;
}

/**
 * Decides again what a trace decided, from the journals alone: opinions by rules and recorded answers of models, which go through the
 * real grounding; the debate, consensus, plan and guidance. No model, no market data and no network is asked. What was late, refused or
 * failed then fails the same way. Opinions that a round took from other traces are replayed with it. What the journal does not hold is
 * said in `missing`, and the published step stands in for it.
 *
 * @throws StoreError when a journal can not be read. @throws ValidationError `trace.unknown` for a trace without events.
 * @example
 * ```ts
 * const { same, differences } = await replayDecision({ traceId, eventBus, journal, modelJournal, agents });
 * ```
 */
export async function replayDecision(options: ReplayDecisionOptions): Promise<DecisionReplay> {
  const { traceId, eventBus } = options;
  const events = (await readTrace(eventBus, traceId)).map(({ event }) => event);
  if (events.length === 0) throw new ValidationError('trace.unknown', `The event journal has no trace "${traceId}".`);
  const replay = new Replay(options, events);
  for (const event of events) await replay.take(event);
  return { traceId, ...replay.result() };
}

/** One replay while it goes on. */
class Replay {
  readonly #sources: ReplaySources;
  readonly #events: readonly DomainEvent[];
  readonly #opinions = new Map<string, Promise<Opinion>>();
  readonly #differences: ReplayDifference[] = [];
  readonly #missing: MissingStep[] = [];
  readonly #versions: ChangedVersion[] = [];
  readonly #now = new EventDigest();
  readonly #was = new EventDigest();
  #replayed = 0;

  constructor(sources: ReplaySources, events: readonly DomainEvent[]) {
    this.#sources = sources;
    this.#events = events;
  }

  async take(event: DomainEvent): Promise<void> {
    switch (event.type) {
      case 'opinion.published':
        await this.#opinion(event.payload);
        return;
      case 'agent.abstained': {
        const { payload } = event;
        // An agent that failed altogether left nothing to replay.
        if (this.#hasFailed(payload.agent)) return;
        const step = await replayAbstention(this.#sources, payload);
        this.#note(step.findings);
        this.#compare(
          event,
          step.result === undefined ? undefined : { ...payload, reason: step.result },
          step.findings,
        );
        return;
      }
      case 'round.concluded':
        await this.#round(event);
        return;
      case 'guidance.published': {
        const step = await replayGuidance(this.#sources, event.payload);
        this.#note(step.findings);
        this.#compare(event, step.result && { ...event.payload, guidance: step.result }, step.findings);
        return;
      }
    }
  }

  result(): Omit<DecisionReplay, 'traceId'> {
    const digest = this.#now.digest();
    const recordedDigest = this.#was.digest();
    const [differences, missing, versions] = [this.#differences, this.#missing, this.#versions];
    const same = differences.length === 0 && missing.length === 0 && digest === recordedDigest;
    return { same, differences, missing, versions, replayed: this.#replayed, digest, recordedDigest };
  }

  #hasFailed(agent: string): boolean {
    return this.#events.some(
      (event) => event.type === 'agent.failed' && event.payload.agent === agent && !event.payload.fellBack,
    );
  }

  /** An opinion as it comes out now; each once, whoever asks. Where it can not be replayed, as it was. */
  #opinion(opinion: Opinion): Promise<Opinion> {
    const known = this.#opinions.get(opinion.id);
    if (known !== undefined) return known;
    const replayed = replayOpinion(this.#sources, opinion).then(({ result, findings }) => {
      this.#note(findings);
      const { id, market: key, atMs } = opinion;
      this.#compare({ id, type: 'opinion.published', version: 1, key, atMs, payload: opinion }, result, findings);
      return result ?? opinion;
    });
    this.#opinions.set(opinion.id, replayed);
    return replayed;
  }

  async #round(concluded: DomainEvent<'round.concluded'>): Promise<void> {
    const { key } = concluded.payload.round;
    const turns = this.#events.filter(
      (event): event is DomainEvent<'turn.completed'> =>
        event.type === 'turn.completed' && event.payload.roundKey === key,
    );
    const plan = this.#events.find(
      (event): event is DomainEvent<'recommendation.published'> =>
        event.type === 'recommendation.published' && event.payload.roundKey === key,
    );
    const published: PublishedRound = {
      concluded: concluded.payload,
      turns: turns.map(({ payload }) => payload.turn),
      ...(plan === undefined ? {} : { recommendation: plan.payload }),
    };
    const { result, findings } = await replayRound(this.#sources, published, (opinion) => this.#opinion(opinion));
    this.#note(findings);
    for (const step of result?.steps ?? []) this.#versions.push(...step.versions);
    for (const event of turns) {
      const turn = result?.turns.find(({ index }) => index === event.payload.turn.index);
      this.#compare(event, turn && { ...event.payload, turn }, findings);
    }
    for (const turn of result?.turns ?? [])
      if (!turns.some(({ payload }) => payload.turn.index === turn.index))
        this.#extra({ ...concluded, id: `turn.completed:${key}:${turn.index}`, type: 'turn.completed' }, turn);
    const planned = result?.recommendation;
    if (plan !== undefined) this.#compare(plan, planned, findings);
    else if (planned !== undefined)
      this.#extra({ ...concluded, id: planned.id, type: 'recommendation.published' }, planned);
    this.#compare(concluded, result?.concluded, findings);
  }

  #note({ missing, versions }: StepFindings): void {
    this.#missing.push(...missing);
    this.#versions.push(...versions);
  }

  #compare(event: Step, now: object | undefined, { missing }: StepFindings): void {
    this.#was.add(event);
    if (now === undefined) {
      // What could not be replayed is said already; what did not come of the replay differs.
      if (missing.length === 0) this.#differences.push({ step: event.id, path: '', was: 'published', now: undefined });
      return;
    }
    this.#replayed += 1;
    this.#now.add({ ...event, payload: now } as Step);
    for (const difference of differencesBetween(event.payload, now))
      this.#differences.push({ step: event.id, ...difference });
  }

  /** What nobody published. */
  #extra(event: Omit<Step, 'payload'>, now: object): void {
    this.#now.add({ ...event, payload: now } as Step);
    this.#differences.push({ step: event.id, path: '', was: undefined, now: jsonOf(now) });
  }
}

type Step = Pick<DomainEvent, 'id' | 'type' | 'version' | 'key' | 'atMs' | 'payload'>;
