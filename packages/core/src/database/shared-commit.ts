import type { Kysely } from 'kysely';

type Statement = (kysely: Kysely<unknown>) => Promise<unknown>;

interface Waiting {
  readonly statement: Statement;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** The most statements of one commit. */
const most = 500;

/**
 * Group commit: statements asked for in one turn of the event loop go into one transaction, so that they wait for the disk
 * once, together. All are answered after the commit. When one fails, each is run again by itself: it is kept or fails alone.
 */
export class SharedCommit {
  readonly #kysely: Kysely<unknown>;
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(kysely: Kysely<unknown>) {
    this.#kysely = kysely;
  }

  /** Runs one statement, to its commit. @throws what the statement throws by itself */
  run<Result>(statement: (kysely: Kysely<unknown>) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ statement, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => void this.#commit(this.#waiting.splice(0, most)));
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const results = group.length === 1 ? undefined : await this.#together(group).catch(() => undefined);
    if (results === undefined) await Promise.all(group.map((waiting) => settle(waiting, this.#kysely)));
    else for (const [index, { resolve }] of group.entries()) resolve(results[index] as never);
    this.#scheduled = false;
    if (this.#waiting.length > 0) this.#schedule();
  }

  #together(group: readonly Waiting[]): Promise<readonly unknown[]> {
    return this.#kysely.transaction().execute(async (transaction) => {
      const results: unknown[] = [];
      for (const { statement } of group) results.push(await statement(transaction));
      return results;
    });
  }
}

async function settle({ statement, resolve, reject }: Waiting, kysely: Kysely<unknown>): Promise<void> {
  try {
    resolve((await statement(kysely)) as never);
  } catch (error) {
    reject(error);
  }
}
