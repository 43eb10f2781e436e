import { byTime, type Divergence, isBefore } from './divergence.ts';
import { type Fact, type FactScope, rankOf } from './fact.ts';
import type { ParitySubject } from './parity-report.ts';

type ScopeKey = Exclude<keyof FactScope, 'fromMs' | 'toMs'>;

/** Market data, whose divergences follow from no decision. */
const marketSubjects: readonly ParitySubject[] = ['feed', 'gap', 'bar', 'skipped-bar', 'release'];
/** What a user's account, exposure and limits come from. */
const stateSubjects: readonly ParitySubject[] = [
  ...(['trading-state', 'limit', 'decision', 'approval', 'order', 'fill', 'position'] as const),
  ...(['funding', 'settlement'] as const),
];

/**
 * Finds of each divergence the one it follows from: first by the events' own causation, then by what a step of the desk is
 * made from (a round from its turns, an order from its signal, a decision from what the user holds by then).
 */
export class CausalChain {
  readonly #divergences: readonly Divergence[];
  readonly #byFact = new Map<string, Divergence>();
  readonly #bySubject: ReadonlyMap<ParitySubject, readonly Divergence[]>;
  readonly #byScope = new Map<string, Divergence[]>();
  readonly #facts: readonly ReadonlyMap<string, Fact>[];

  /** `facts`: those of both journals, by event id. */
  constructor(divergences: readonly Divergence[], facts: readonly ReadonlyMap<string, Fact>[]) {
    this.#divergences = divergences.toSorted(byTime);
    this.#facts = facts;
    this.#bySubject = Map.groupBy(this.#divergences, ({ subject }) => subject);
    for (const divergence of this.#divergences) {
      this.#byFact.set(`${divergence.subject} ${divergence.id}`, divergence);
      for (const [name, value] of Object.entries(divergence.scope)) {
        if (typeof value !== 'string') continue;
        const key = `${name} ${value}`;
        const list = this.#byScope.get(key);
        if (list === undefined) this.#byScope.set(key, [divergence]);
        else list.push(divergence);
      }
    }
  }

  /** The first divergence of each one's chain; itself for a root. */
  roots(): ReadonlyMap<Divergence, Divergence> {
    const roots = new Map<Divergence, Divergence>();
    for (const divergence of this.#divergences) {
      const path: Divergence[] = [];
      let at: Divergence | undefined = divergence;
      let root = divergence;
      while (at !== undefined) {
        const known = roots.get(at);
        if (known !== undefined) {
          root = known;
          break;
        }
        // What leads back to itself begins where it was first seen.
        if (path.includes(at)) break;
        path.push(at);
        root = at;
        at = this.parentOf(at);
      }
      if (at !== undefined && !roots.has(at)) root = path.toSorted(byTime)[0] ?? root;
      for (const each of path) roots.set(each, root);
    }
    return roots;
  }

  /** What a divergence follows from directly; undefined when it is the first of its chain. */
  parentOf(of: Divergence): Divergence | undefined {
    if (of.subject === 'feed') return undefined;
    if (marketSubjects.includes(of.subject)) return this.#marketParent(of);
    for (const candidates of this.#candidates(of)) {
      const [first] = candidates.filter((other) => other !== of).sort(byTime);
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** Only what lies further up: a gap's bars follow it, a longer bar its shorter ones. */
  #marketParent(of: Divergence): Divergence | undefined {
    const { fromMs = of.atMs, toMs = of.atMs, instrumentId } = of.scope;
    const spanMs = toMs - fromMs;
    const above = this.#overlapping(fromMs, toMs, ({ instrumentId: other }) => other === instrumentId).filter(
      (other) =>
        other !== of &&
        (other.subject === 'feed' ||
          (other.subject === 'gap' && of.subject !== 'gap') ||
          (other.subject !== 'gap' && of.subject !== 'gap' && width(other) < spanMs) ||
          // A bar that one side skipped is a bar that the other closed: the closed one is the first.
          (of.subject === 'skipped-bar' && other.subject === 'bar' && width(other) === spanMs)),
    );
    return above.sort(
      (a, b) =>
        marketSubjects.indexOf(a.subject) - marketSubjects.indexOf(b.subject) || width(a) - width(b) || byTime(a, b),
    )[0];
  }

  *#candidates(of: Divergence): Generator<Divergence[]> {
    const { scope, subject } = of;
    const isOwnWord = (subject === 'opinion' || subject === 'turn') && saysOtherOfTheSame(of);
    if (!isOwnWord) yield this.#causers(of);
    yield this.#failuresOf(of);
    switch (subject) {
      case 'opinion':
      case 'abstention':
        yield this.#of('market', scope.market, ['failure'], of).filter(({ scope: { agent } }) => agent === scope.agent);
        if (!isOwnWord) yield* this.#marketBefore(of);
        return;
      case 'round':
        yield* this.#marketBefore(of);
        return;
      case 'turn':
        yield this.#of('roundKey', scope.roundKey, ['round']);
        yield this.#voicesOf(of).filter(({ scope: { agent } }) => agent === scope.agent);
        yield this.#of('roundKey', scope.roundKey, ['turn'], of);
        if (!isOwnWord) yield* this.#marketBefore(of);
        return;
      case 'conclusion':
        yield this.#of('roundKey', scope.roundKey, ['round']);
        yield this.#of('roundKey', scope.roundKey, ['turn']);
        yield this.#voicesOf(of);
        if (/stale|basis|history/.test(JSON.stringify(of.changes))) yield* this.#marketBefore(of);
        yield this.#subjects(['settlement'], of);
        return;
      case 'recommendation':
        yield this.#of('roundKey', scope.roundKey, ['turn', 'conclusion', 'round']);
        yield this.#voicesOf(of);
        if (!isWording(of)) yield* this.#marketBefore(of);
        return;
      case 'trading-state':
      case 'limit':
        yield this.#latest(this.#of('userId', scope.userId, stateSubjects, of));
        return;
      case 'decision':
        yield this.#of('recommendationId', scope.recommendationId, ['recommendation']);
        yield this.#latest(this.#switches(of));
        yield this.#latest(this.#of('userId', scope.userId, stateSubjects, of));
        yield* this.#marketAt(of);
        return;
      case 'signal':
        yield this.#of('recommendationId', scope.recommendationId, ['recommendation', 'decision']);
        return;
      case 'guidance':
        yield this.#of('signalId', scope.signalId, ['signal']);
        yield* this.#marketAt(of);
        return;
      case 'approval':
        yield this.#of('signalId', scope.signalId, ['signal', 'guidance']);
        return;
      case 'order':
        yield this.#of('orderId', scope.orderId, ['order', 'fill'], of);
        yield this.#of('signalId', scope.signalId, ['signal', 'guidance', 'approval']);
        yield this.#latest(this.#switches(of));
        yield this.#latest(this.#touching(of, ['order', 'fill', 'position', 'protection', 'funding']));
        yield* this.#marketAt(of);
        return;
      case 'fill':
        yield this.#of('orderId', scope.orderId, ['order', 'fill'], of);
        yield* this.#marketAt(of);
        yield this.#latest(this.#touching(of, ['order', 'fill', 'position']));
        return;
      case 'position':
      case 'protection':
      case 'funding':
        yield this.#latest(this.#touching(of, ['order', 'fill', 'position', 'protection', 'funding']));
        yield* this.#marketAt(of);
        return;
      case 'settlement':
        yield this.#of('signalId', scope.signalId, ['signal', 'guidance', 'approval', 'order', 'fill'], of);
        yield this.#latest(this.#touching(of, ['order', 'fill', 'position', 'funding']));
        return;
      case 'account':
        yield this.#latest(this.#of('userId', scope.userId, [...stateSubjects, 'account'], of));
        yield this.#subjects(['feed', 'gap', 'bar'], of);
        return;
      default:
        return;
    }
  }

  /** The nearest divergence up the events' own causation, on either side. */
  #causers(of: Divergence): Divergence[] {
    return [of.left, of.right].flatMap((fact, side) => {
      const facts = this.#facts[side];
      const seen = new Set<string>();
      for (
        let id = fact?.event.causationId;
        id !== undefined && !seen.has(id);
        id = facts?.get(id)?.event.causationId
      ) {
        seen.add(id);
        const cause = facts?.get(id);
        const found = cause && this.#byFact.get(`${cause.subject} ${cause.id}`);
        if (found !== undefined && found !== of) return [found];
      }
      return [];
    });
  }

  /** Handlers and agents that failed on the same trace. */
  #failuresOf(of: Divergence): Divergence[] {
    if (of.subject === 'failure') return [];
    const traces = [of.left, of.right].flatMap((fact) => fact?.event.traceId ?? []);
    return (this.#bySubject.get('failure') ?? []).filter(
      (failure) =>
        isBefore(failure, of) &&
        [failure.left, failure.right].some((fact) => fact !== undefined && traces.includes(fact.event.traceId)),
    );
  }

  /** Opinions and failures of agents that a round may have heard: those of its market by then. */
  #voicesOf(of: Divergence): Divergence[] {
    const heard = this.#of('market', of.scope.market, ['opinion', 'abstention', 'failure'], of);
    const newest = new Map<string | undefined, Divergence>();
    for (const voice of heard) newest.set(voice.scope.agent, voice);
    return [...newest.values()];
  }

  /** Divergent market data of the same market by then, the newest first, else of any market: features look back and across. */
  *#marketBefore(of: Divergence): Generator<Divergence[]> {
    const known = this.#subjects(marketSubjects).filter(
      (data) => ((data.subject === 'feed' ? data.scope.fromMs : data.scope.toMs) ?? data.atMs) <= of.atMs,
    );
    const own = known.filter((data) => isOfMarket(data, of.scope));
    yield this.#latest(own);
    yield this.#latest(known);
  }

  /** Divergent market data of the instrument at that very instant. */
  *#marketAt(of: Divergence): Generator<Divergence[]> {
    const atMs = of.atMs;
    const lastMs = Math.max(of.left?.event.atMs ?? atMs, of.right?.event.atMs ?? atMs);
    const found = this.#overlapping(atMs, lastMs, (scope) => isSameMarket(scope, of.scope));
    yield found
      .sort((a, b) => rankOf(a.subject) - rankOf(b.subject) || width(a) - width(b) || byTime(a, b))
      .slice(0, 1);
  }

  #overlapping(fromMs: number, toMs: number, isOf: (scope: FactScope) => boolean): Divergence[] {
    return this.#subjects(['feed', 'gap', 'bar', 'skipped-bar']).filter(
      (data) =>
        (data.scope.fromMs ?? data.atMs) <= toMs &&
        (data.scope.toMs ?? data.atMs) >= fromMs &&
        (data.subject === 'feed' || isOf(data.scope)),
    );
  }

  /** What touched the same instrument of the same user, or the same position, before. */
  #touching(of: Divergence, subjects: readonly ParitySubject[]): Divergence[] {
    return this.#of('userId', of.scope.userId, subjects, of).filter(
      ({ scope }) => scope.instrumentId === of.scope.instrumentId,
    );
  }

  #switches(of: Divergence): Divergence[] {
    return this.#subjects(['trading-state'], of).filter(
      ({ scope }) => scope.userId === undefined || scope.userId === of.scope.userId,
    );
  }

  #subjects(subjects: readonly ParitySubject[], before?: Divergence): Divergence[] {
    const found = subjects.flatMap((subject) => this.#bySubject.get(subject) ?? []);
    return before === undefined ? found : found.filter((other) => other !== before && isBefore(other, before));
  }

  /** Divergences of a scope and of some subjects, in their order; `before`: only those. */
  #of(key: ScopeKey, value: string | undefined, subjects: readonly ParitySubject[], before?: Divergence): Divergence[] {
    if (value === undefined) return [];
    return (this.#byScope.get(`${key} ${value}`) ?? []).filter(
      (other) =>
        subjects.includes(other.subject) && other !== before && (before === undefined || isBefore(other, before)),
    );
  }

  #latest(found: Divergence[]): Divergence[] {
    const latest = found.toSorted(byTime).at(-1);
    return latest === undefined ? [] : [latest];
  }
}

const width = ({ scope: { fromMs = 0, toMs = 0 } }: Divergence): number => toMs - fromMs;

const isSameMarket = (data: FactScope, of: FactScope): boolean =>
  of.instrumentId === undefined
    ? of.market === undefined || data.market === of.market
    : data.instrumentId === of.instrumentId;

const isOfMarket = ({ subject, scope }: Divergence, of: FactScope): boolean =>
  subject === 'feed' || subject === 'release' || scope.market === of.market;

/** True when an agent was given the same figures on both sides and says something else, a model being one of the speakers. */
function saysOtherOfTheSame({ kind, changes, left, right }: Divergence): boolean {
  if (kind !== 'differs' || changes.some(({ path }) => /(^|\.)(evidence|details)/.test(path))) return false;
  const sources = [left, right].map((fact) => (fact === undefined ? '' : JSON.stringify(fact.content)));
  return sources.some((text) => text.includes('"source":"model"')) || isWordingOnly(changes);
}

const isWording = ({ kind, changes }: Divergence): boolean => kind === 'differs' && isWordingOnly(changes);

const isWordingOnly = (changes: Divergence['changes']): boolean =>
  changes.every(({ path }) => /(^|\.)(reasoning|reasonedBy|source)$/.test(path));
