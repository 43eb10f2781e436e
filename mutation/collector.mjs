/** The part of vitest's collecting that pure tests use: `describe`, `it`, `each` and the hooks around single tests. */
export class Collector {
  /** Names with their suites, and what runs a test with its hooks. */
  tests = [];
  #suite = { name: '', parent: undefined, hooks: { before: [], after: [] } };
  #names = new Set();

  constructor(expect) {
    const it = (name, fn) => this.#add(name, fn);
    const describe = (name, body) => this.#within(name, body);
    for (const [define, target] of [
      [it, it],
      [describe, describe],
    ])
      target.each = (rows) => (name, fn) => {
        for (const [index, row] of rows.entries())
          define(`${name} #${index}`, () => (Array.isArray(row) ? fn(...row) : fn(row)));
      };
    this.api = {
      ...{ describe, it, test: it, expect },
      beforeEach: (fn) => void this.#suite.hooks.before.push(fn),
      afterEach: (fn) => void this.#suite.hooks.after.unshift(fn),
    };
  }

  /** Refuses what it would run wrongly. */
  collect() {
    if (this.tests.length === 0) throw new Error('There are no tests.');
  }

  #within(name, body) {
    const parent = this.#suite;
    this.#suite = { name, parent, hooks: { before: [], after: [] } };
    body();
    this.#suite = parent;
  }

  #add(name, fn) {
    const suites = [];
    for (let suite = this.#suite; suite !== undefined; suite = suite.parent) suites.unshift(suite);
    let full = [...suites.map((suite) => suite.name).filter((each) => each !== ''), name].join(' > ');
    while (this.#names.has(full)) full += "'";
    this.#names.add(full);
    const run = async () => {
      try {
        for (const { hooks } of suites) for (const hook of hooks.before) await hook();
        await fn();
      } finally {
        for (const { hooks } of suites.toReversed()) for (const hook of hooks.after) await hook();
      }
    };
    this.tests.push({ name: full, run });
  }
}
