import { Decimal, type FundingPayment } from '@perpdesk/core';

const mostPayments = 50_000;

/** The funding payments of one account as far as they are known, each once, whichever way they came. */
export class FundingTape {
  readonly #ids = new Set<string>();
  /** Oldest first. */
  readonly #payments: FundingPayment[] = [];
  readonly #countedFromMs: number;
  #sum = new Decimal(0);
  /** When the newest of those that were forgotten was: what is as old was taken in. */
  #forgottenMs = Number.NEGATIVE_INFINITY;

  /** Counts payments from an instant on: older ones are known and not in the sum. */
  constructor(countedFromMs: number) {
    this.#countedFromMs = countedFromMs;
  }

  /** Adds a payment; false when it was known. */
  add(payment: FundingPayment): boolean {
    if (this.#ids.has(payment.id) || payment.atMs <= this.#forgottenMs) return false;
    const place = this.#payments.findLastIndex(({ atMs }) => atMs <= payment.atMs) + 1;
    this.#payments.splice(place, 0, payment);
    this.#ids.add(payment.id);
    if (payment.atMs >= this.#countedFromMs) this.#sum = this.#sum.plus(payment.amount);
    if (this.#payments.length > mostPayments) this.#forgetOldest();
    return true;
  }

  /** Payments since an instant, oldest first. */
  since(sinceMs: number): readonly FundingPayment[] {
    return this.#payments.slice(this.#payments.findLastIndex(({ atMs }) => atMs < sinceMs) + 1);
  }

  /** What was received less what was paid, since the instant that is counted from. */
  sum(): Decimal {
    return this.#sum;
  }

  #forgetOldest(): void {
    const oldest = this.#payments.shift();
    if (oldest === undefined) return;
    this.#ids.delete(oldest.id);
    this.#forgottenMs = oldest.atMs;
  }
}
