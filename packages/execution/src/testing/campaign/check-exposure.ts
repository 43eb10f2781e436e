// The judge of a run. It reads the exchange's own ledger and the history of what the desk was asked and told, as JSON, and
// imports nothing: no code of the SDK takes part in the judgement.

/** An entry of the exchange's ledger. */
interface LedgerLine {
  readonly atMs: number;
  readonly kind: string;
  readonly account: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** An event of the history; which fields are there depends on `type`. */
interface HistoryLine {
  readonly type: string;
  readonly atMs: number;
  readonly act?: number;
  readonly verb?: string;
  readonly leg?: string;
  readonly clientOrderId?: string;
  readonly size?: string;
  readonly status?: string;
  readonly code?: string;
  readonly outcome?: string;
}

/** What became of one unknown outcome. */
export interface Resolution {
  readonly verb: string;
  /** From the moment it was told as unknown; undefined when the run ended before. */
  readonly afterMs: number | undefined;
}

/** The judgement of a run. */
export interface Judgement {
  readonly violations: readonly string[];
  readonly resolutions: readonly Resolution[];
  /** Probes of new risk that were refused while an outcome was unknown. */
  readonly blocked: number;
}

interface Placed {
  readonly clientId: string;
  readonly leg: string;
  readonly atMs: number;
  readonly size: bigint;
  filled: bigint;
  live: boolean;
  status: string;
}

const digits = 8;
/** The desk's words for an order to which nothing more can happen. */
const ends = new Set(['filled', 'canceled', 'expired', 'rejected']);

/** A decimal text as a whole number of hundred-millionths. */
function units(text: unknown): bigint {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(text));
  if (found === null) throw new Error(`not a decimal: ${text}`);
  const [, sign, whole, part = ''] = found;
  if (part.slice(digits).replace(/0/g, '') !== '') throw new Error(`too fine: ${text}`);
  const value = BigInt(`${whole}${part.slice(0, digits).padEnd(digits, '0')}`);
  return sign === '-' ? -value : value;
}

const idsOf = (line: HistoryLine): readonly string[] => String(line.clientOrderId).split(' ');

/** Judges one run. `limitMs`: how long an outcome may be unknown without blocking new risk. */
export function checkExposure(
  ledger: readonly LedgerLine[],
  history: readonly HistoryLine[],
  options: { readonly account: string; readonly limitMs: number },
): Judgement {
  const violations = new Set<string>();
  const invokes = history.filter(({ type }) => type === 'invoke');
  const legOf = new Map<string, string>();
  for (const line of invokes) if (line.verb === 'place') for (const id of idsOf(line)) legOf.set(id, String(line.leg));

  /** The largest size that was asked for up to an instant, of a leg or of one id. */
  const intended = (wanted: (line: HistoryLine) => boolean, atMs: number): bigint =>
    invokes.reduce((largest, line) => {
      if (line.verb === 'cancel' || line.atMs > atMs || !wanted(line)) return largest;
      const size = units(line.size);
      if (size > largest) return size;
      return largest;
    }, 0n);

  // Exposure, after each entry of the ledger.
  const orders = new Map<number, Placed>();
  const changes: { readonly atMs: number; readonly clientId: string }[] = [];
  const states: { readonly atMs: number; readonly live: ReadonlyMap<string, bigint> }[] = [];
  for (const { kind, account, atMs, detail } of ledger) {
    if (account !== options.account || detail.error !== undefined) continue;
    const orderId = Number(detail.orderId);
    if (kind === 'place') {
      const clientId = String(detail.clientOrderId ?? '').replace(/^0x/, '');
      const leg = legOf.get(clientId);
      if (leg === undefined) violations.add(`an order that nobody asked for: ${clientId || orderId}`);
      orders.set(orderId, {
        ...{ clientId, atMs, leg: leg ?? clientId, size: units(detail.size), filled: 0n, live: true, status: 'open' },
      });
    }
    if (kind === 'modify') changes.push({ atMs, clientId: orders.get(orderId)?.clientId ?? '' });
    const order = orders.get(orderId);
    if (order === undefined) continue;
    if (kind === 'status') {
      order.status = String(detail.status);
      if (order.status !== 'open' && order.status !== 'triggered') order.live = false;
    }
    if (kind === 'fill') order.filled += units(detail.size);
    if (kind !== 'place' && kind !== 'fill' && kind !== 'status') continue;
    judge(order, atMs);
    const live = new Map<string, bigint>();
    for (const { clientId } of orders.values()) {
      const own = [...orders.values()].filter((each) => each.clientId === clientId);
      if (!own.some((each) => each.live)) continue;
      live.set(
        clientId,
        own.reduce((sum, each) => sum + (each.live ? each.size : each.filled), 0n),
      );
    }
    states.push({ atMs, live });
  }

  function judge({ leg, clientId }: Placed, atMs: number): void {
    const ofLeg = [...orders.values()].filter((order) => order.leg === leg);
    const live = ofLeg.filter((order) => order.live).length;
    if (live > 1) violations.add(`${leg}: ${live} live orders at once`);
    const filled = ofLeg.reduce((sum, order) => sum + order.filled, 0n);
    const exposed = ofLeg.reduce((sum, order) => sum + (order.live ? order.size : order.filled), 0n);
    const most = intended((line) => line.leg === leg, atMs);
    if (filled > most) violations.add(`${leg}: filled ${filled} of ${most}`);
    else if (exposed > most) violations.add(`${leg}: may fill ${exposed} of ${most}`);
    const ofId = ofLeg.filter((order) => order.clientId === clientId);
    const filledOfId = ofId.reduce((sum, order) => sum + order.filled, 0n);
    if (filledOfId > intended((line) => idsOf(line).includes(clientId), atMs))
      violations.add(`${clientId}: filled more than it is`);
  }

  /** What rests or has filled of an id at an instant; undefined when none of it is live. */
  const liveAt = (clientId: string, atMs: number): bigint | undefined =>
    states.findLast((state) => state.atMs <= atMs)?.live.get(clientId);
  /** True when the exchange took an order on under the id up to an instant: one that it refused afterwards unfilled is none. */
  const accepted = (clientId: string, beforeMs: number): boolean =>
    [...orders.values()].some(
      (order) =>
        order.clientId === clientId &&
        order.atMs < beforeMs &&
        !(order.status.endsWith('Rejected') && order.filled === 0n),
    );

  // What was told, against what is there.
  for (const [index, told] of history.entries()) {
    if (told.type !== 'ok' && told.type !== 'fail') continue;
    const asked = invokes.find(({ act }) => act === told.act);
    if (asked === undefined) continue;
    for (const id of idsOf(asked)) {
      const again = history.slice(index + 1).find((line) => line.type === 'invoke' && idsOf(line).includes(id));
      const untilMs = again?.atMs ?? Number.POSITIVE_INFINITY;
      const live = liveAt(id, told.atMs);
      if (asked.verb === 'place' && told.type === 'fail' && accepted(id, untilMs))
        violations.add(`${asked.leg}: told as ${told.code}, but the exchange took it`);
      if (asked.verb === 'place' && told.type === 'ok' && !accepted(id, told.atMs + 1))
        violations.add(`${asked.leg}: told as ${told.status}, but the exchange does not have it`);
      if (asked.verb === 'amend' && told.type === 'ok' && live !== undefined && live !== units(told.size))
        violations.add(`${asked.leg}: told as ${told.size}, but ${live} rests or has filled`);
      if (asked.verb === 'amend' && told.type === 'fail') {
        const changed = changes.some(({ clientId, atMs }) => clientId === id && atMs >= asked.atMs && atMs < untilMs);
        if (changed) violations.add(`${asked.leg}: told as ${told.code}, but the exchange changed it`);
      }
      if (asked.verb === 'cancel' && live !== undefined)
        violations.add(`${asked.leg}: told as ended (${told.status ?? told.code}), but it is live`);
    }
  }

  for (const [index, { type, clientOrderId: id = '', status = '', atMs }] of history.entries()) {
    if (type === 'forgotten' && accepted(id, atMs + 1)) violations.add(`${legOf.get(id)}: sent before it was kept`);
    if (type !== 'resolve') continue;
    const again = history.slice(index + 1).find((line) => line.type === 'invoke' && idsOf(line).includes(id));
    const isNone = status === 'expired' || status === 'rejected';
    if (isNone && accepted(id, again?.atMs ?? Number.POSITIVE_INFINITY))
      violations.add(`${legOf.get(id)}: found out as ${status}, but the exchange took it`);
    if (!isNone && !accepted(id, atMs + 1))
      violations.add(`${legOf.get(id)}: found out as ${status}, but the exchange does not have it`);
  }

  // Unknown outcomes: found out in time, or blocking new risk.
  const resolutions: Resolution[] = [];
  let blocked = 0;
  for (const [index, line] of history.entries()) {
    if (line.type !== 'info') continue;
    const asked = invokes.find(({ act }) => act === line.act);
    const earlier = history
      .slice(0, index)
      .findLast(({ type, act }) => ['ok', 'fail', 'info'].includes(type) && isSame(act, asked));
    // The unknown began with the first of a row.
    if (asked === undefined || earlier?.type === 'info') continue;
    const end = history.slice(index + 1).find((later) => isEnd(later, asked));
    resolutions.push({ verb: String(asked.verb), afterMs: end === undefined ? undefined : end.atMs - line.atMs });
    const untilMs = end?.atMs ?? Number.POSITIVE_INFINITY;
    const rest = history.slice(index + 1, end === undefined ? undefined : history.indexOf(end));
    const probes = rest.filter(({ type }) => type === 'probe');
    blocked += probes.filter(({ outcome }) => outcome === 'order.unresolved').length;
    // Once it is asked for again it is on its way, and no more unknown than any order is until its answer.
    const again = rest.findIndex(({ type, act }) => type === 'invoke' && isSame(act, asked));
    const idle = rest.slice(0, again < 0 ? undefined : again);
    if (asked.verb === 'place' && idle.some(({ type, outcome }) => type === 'probe' && outcome === 'approved'))
      violations.add(`${asked.leg}: new risk was let through while it was unknown`);
    // What is not up takes no risk.
    const isLong = untilMs - line.atMs - downMs(rest, line.atMs) > options.limitMs;
    const blocking = rest.some(
      ({ type, outcome, status = '', atMs }) =>
        atMs >= line.atMs + options.limitMs - 5_000 &&
        (asked.verb === 'cancel'
          ? // It is shown as resting, and counts as that against every limit.
            type === 'resolve' && !ends.has(status)
          : type === 'probe' && outcome === 'order.unresolved'),
    );
    if (isLong && !blocking) violations.add(`${asked.leg}: ${asked.verb} unknown for long without blocking`);
  }

  function downMs(lines: readonly HistoryLine[], fromMs: number): number {
    let sum = 0;
    for (const [index, { type, atMs }] of lines.entries()) {
      if (type !== 'started') continue;
      const down = lines.slice(0, index).findLast((earlier) => earlier.type === 'restart');
      sum += atMs - (down?.atMs ?? fromMs);
    }
    return sum;
  }
  function isSame(act: number | undefined, asked: HistoryLine | undefined): boolean {
    const other = invokes.find((line) => line.act === act);
    return other?.clientOrderId === asked?.clientOrderId && other?.verb === asked?.verb;
  }
  function isEnd(later: HistoryLine, asked: HistoryLine): boolean {
    if (later.type === 'forgotten') return later.clientOrderId === asked.clientOrderId;
    if (later.type === 'resolve') {
      if (!idsOf(asked).includes(String(later.clientOrderId))) return false;
      if (asked.verb === 'place') return true;
      // A change or an end is known only when what is shown is what there is.
      const live = liveAt(String(later.clientOrderId), later.atMs);
      return live === undefined ? ends.has(String(later.status)) : asked.verb === 'amend' && live === units(later.size);
    }
    return (later.type === 'ok' || later.type === 'fail') && isSame(later.act, asked);
  }

  const last = history.findLast(({ type }) => type === 'probe');
  if (last?.outcome !== 'approved') violations.add(`new risk stays blocked at the end: ${last?.outcome}`);
  return { violations: [...violations], resolutions, blocked };
}
