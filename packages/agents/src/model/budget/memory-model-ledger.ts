import {
  type Account,
  accountAsked,
  accountsOf,
  type Balance,
  correctionOf,
  dayOf,
  emptyBalance,
  limitOf,
  refusalOf,
  spendOf,
} from './accounts.ts';
import type {
  ModelLedger,
  ModelSpend,
  Reservation,
  ReserveOutcome,
  Settlement,
  Spending,
  SpendingQuery,
} from './model-ledger.ts';

interface Entry {
  balance: Balance;
  changedAtMs: number;
  /** Questions that are under way: what has some is not forgotten. */
  open: number;
}

/** Keeps what was spent on models in this process: a restart forgets it, the day's spending too. */
export class MemoryModelLedger implements ModelLedger {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();

  /** @param options.limit Accounts kept; above it rounds, decisions and users' past days go, the longest unchanged first. Default 10,000. */
  constructor(options: { readonly limit?: number } = {}) {
    this.#limit = options.limit ?? 10_000;
  }

  async open(): Promise<void> {}

  async reserve({ context, atMs, spending, limits }: Reservation): Promise<ReserveOutcome> {
    const accounts = accountsOf(context, atMs);
    for (const account of accounts) {
      const balance = this.#entries.get(nameOf(account))?.balance ?? emptyBalance;
      const refusal = refusalOf(account, limitOf(account, limits), balance, spending);
      if (refusal !== undefined) return refusal;
    }
    for (const account of accounts) this.#book(account, atMs, spending, { calls: 1, failedCalls: 0, open: 1 });
    this.#forgetOldest(dayOf(atMs));
    return { outcome: 'reserved' };
  }

  async settle({ reservation, spending, succeeded }: Settlement): Promise<void> {
    const { context, atMs } = reservation;
    const correction = correctionOf(reservation.spending, spending);
    const counts = { calls: 0, failedCalls: succeeded ? 0 : 1, open: -1 };
    for (const account of accountsOf(context, atMs)) this.#book(account, atMs, correction, counts);
  }

  async spent(query: SpendingQuery): Promise<ModelSpend> {
    return spendOf(this.#entries.get(nameOf(accountAsked(query)))?.balance ?? emptyBalance);
  }

  async prune(beforeMs: number): Promise<void> {
    for (const [name, entry] of this.#entries)
      if (entry.changedAtMs < beforeMs && entry.open === 0) this.#entries.delete(name);
  }

  #book(
    account: Account,
    atMs: number,
    more: Spending,
    counts: { readonly calls: number; readonly failedCalls: number; readonly open: number },
  ): void {
    const name = nameOf(account);
    const before = this.#entries.get(name);
    const balance = before?.balance ?? emptyBalance;
    this.#entries.delete(name);
    this.#entries.set(name, {
      balance: {
        calls: balance.calls + counts.calls,
        failedCalls: balance.failedCalls + counts.failedCalls,
        inputTokens: balance.inputTokens + more.inputTokens,
        outputTokens: balance.outputTokens + more.outputTokens,
        microUsd: balance.microUsd + more.microUsd,
        modelMs: balance.modelMs + more.modelMs,
      },
      changedAtMs: Math.max(before?.changedAtMs ?? 0, atMs),
      open: (before?.open ?? 0) + counts.open,
    });
  }

  /** What still bounds spending, and the totals of days and users, are not forgotten for new rounds. */
  #forgetOldest(today: string): void {
    if (this.#entries.size <= this.#limit) return;
    for (const [name, { open }] of this.#entries) {
      const isOver = /^(?:round|trace) /.test(name) || (name.startsWith('user ') && !name.startsWith(`user ${today}`));
      if (open > 0 || !isOver) continue;
      this.#entries.delete(name);
      if (this.#entries.size <= this.#limit) return;
    }
  }
}

const nameOf = ({ scope, key }: Account): string => `${scope} ${key}`;
