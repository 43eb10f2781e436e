import { Decimal, type ExecutionVenue } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { DeskProcess } from './desk-process.ts';
import type { RunLog } from './run-log.ts';
import type { VenueAudit } from './venue-audit.ts';

interface Judging {
  readonly log: RunLog;
  readonly audit: VenueAudit;
}

interface JournalRow {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly user_id: string | null;
  readonly at_ms: number;
  readonly payload: string;
}

/** Reads the desk's whole journal: takes it into the digest, and looks for what must not be in it. Returns its length. */
export async function judgeJournal(desk: Database, { audit, log }: Judging): Promise<number> {
  const rows = await desk
    .as<{ perpdesk_events: JournalRow }>()
    .selectFrom('perpdesk_events')
    .selectAll()
    .orderBy('position')
    .execute();
  const rounds = new Set<string>();
  const decisions = new Set<string>();
  for (const { at_ms, id, key, payload, type, user_id } of rows) {
    log.digest(`${at_ms} ${type} ${key} ${payload}`);
    const data = JSON.parse(payload) as { readonly [name: string]: unknown };
    // A trading state is ordered by its scope.
    if (user_id !== null && key !== user_id && key !== `user:${user_id}`)
      log.violation('cross-user event', `${type} ${id}`);
    const named =
      data.userId ??
      (data.order as { userId?: string } | undefined)?.userId ??
      (data.position as { userId?: string } | undefined)?.userId;
    if (user_id !== null && named !== undefined && named !== user_id)
      log.violation('cross-user event', `${type} ${id}`);
    if (type === 'recommendation.published') once(rounds, String(data.roundKey), 'second recommendation', log);
    if (type === 'risk.decided') once(decisions, String(data.id), 'second decision', log);
    if (type === 'signal.issued') audit.signal(String(data.id), String(data.size));
  }
  return rows.length;
}

function once(seen: Set<string>, what: string, kind: string, log: RunLog): void {
  if (seen.has(what)) log.violation(kind, what);
  seen.add(what);
}

/** Adds the venue's ledger up again: fills, fees and funding give the account, to the last decimal. */
export async function judgeLedger(
  venue: ExecutionVenue,
  userIds: readonly string[],
  { audit, log }: Judging,
): Promise<void> {
  for (const userId of userIds) {
    const account = await venue.fetchAccount(userId);
    const fills = await venue.fetchFills(userId, 0);
    const payments = (await venue.fetchFunding?.(userId, 0)) ?? [];
    const total = (amounts: readonly string[]): Decimal =>
      amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0));
    const pnl = total(fills.map(({ realizedPnl }) => realizedPnl));
    const fees = total(fills.map(({ fee }) => fee));
    const funding = total(payments.map(({ amount }) => amount));
    const equity = new Decimal(account.deposits).plus(pnl).plus(account.unrealizedPnl).minus(fees).plus(funding);
    log.note(`${userId} equity ${account.equity} fees ${account.fees} funding ${account.funding}`);
    const same = (name: string, told: string, found: Decimal): void => {
      if (!found.equals(told))
        log.violation('ledger', `${userId} ${name} ${told}, its fills and payments give ${found.toFixed()}`);
    };
    same('realised', account.realizedPnl, pnl);
    same('fees', account.fees, fees);
    same('funding', account.funding, funding);
    same('equity', account.equity, equity);
    // What was bought and sold gives the same without anybody's average price, which is rounded.
    const off = audit.equity(userId).minus(account.equity).abs();
    if (off.greaterThan('0.000001'))
      log.violation('ledger', `${userId} is off by ${off.toFixed()} from what was bought and sold`);
  }
}

/** What has to be so when all faults are healed and all positions closed: nothing waits, and the desk's books are the venue's. */
export async function judgeEnd(
  life: DeskProcess,
  userIds: readonly string[],
  {
    audit,
    desk,
    log,
    timersAtRest,
    venue,
  }: Judging & { readonly venue: ExecutionVenue; readonly timersAtRest: number; readonly desk: Database },
): Promise<void> {
  const running = await life.engine.list({ status: 'running' });
  if (running.length > 0)
    log.violation(
      'liveness',
      `${running.length} workflows run yet: ${running
        .map(({ id }) => id)
        .slice(0, 3)
        .join(', ')}`,
    );
  const failed = await life.engine.list({ status: 'failed' });
  if (failed.length > 0)
    log.violation(
      'workflow failed',
      failed
        .map(({ error, id }) => `${id}: ${error}`)
        .slice(0, 3)
        .join(', '),
    );
  const open = await desk
    .as<{ execution_orders: { status: string; client_order_id: string } }>()
    .selectFrom('execution_orders')
    .selectAll()
    .where('status', 'not in', ['filled', 'canceled', 'rejected', 'expired'])
    .execute();
  if (open.length > 0)
    log.violation(
      'liveness',
      `${open.length} orders have no end: ${open
        .map((order) => `${order.status} ${order.client_order_id.slice(0, 8)}`)
        .slice(0, 5)
        .join(', ')}`,
    );
  for (const userId of userIds) {
    const account = audit.account(userId);
    for (const [id, { size }] of account.held)
      if (!size.isZero()) log.violation('liveness', `${userId} holds ${size.toFixed()} ${id} yet`);
    for (const order of account.live.values())
      log.violation(
        'order left',
        `${userId} ${order.purpose} ${order.type} ${order.status} ${order.clientOrderId.slice(0, 8)}`,
      );
    if (life.portfolio.positions(userId).length > 0)
      log.violation('books', `${userId} holds a position in the desk's books alone`);
    const resting = life.portfolio.openOrders(userId);
    if (resting.length > 0)
      log.violation(
        'books',
        `${userId} has ${resting.length} orders in the desk's books alone: ${resting.map(({ purpose, status }) => `${purpose} ${status}`).join(', ')}`,
      );
    const ours = life.portfolio.account(userId, venue.name)?.value;
    const theirs = await venue.fetchAccount(userId);
    for (const name of ['balance', 'equity', 'realizedPnl', 'fees', 'funding'] as const)
      if (ours?.[name] !== theirs[name])
        log.violation('books', `${userId} ${name} is ${ours?.[name]} here and ${theirs[name]} there`);
  }
  if (life.guard.uncovered() > 0) log.violation('liveness', 'the guard waits for a stop of no position');
  const letters = await life.eventBus.deadLetters();
  for (const { error, event, group } of letters) log.note(`dead letter of ${group}: ${event.type} ${error}`);
  // Each account may be being read just now.
  if (life.clock.timers > timersAtRest + userIds.length)
    log.violation('timers', `${life.clock.timers} timers are set, ${timersAtRest} were at rest`);
}
