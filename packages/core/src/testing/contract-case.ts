/**
 * One case of a contract suite: data, so that any test runner can run it.
 * @example
 * for (const c of approvalContract) it(c.name, () => c.run(make));
 */
export interface ContractCase<Make> {
  readonly name: string;
  /** Rejects with an AssertionError when what `make` makes breaks the contract. */
  run(make: Make): Promise<void>;
}
