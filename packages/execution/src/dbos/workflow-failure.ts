/** How a run that failed ends for DBOS, which keeps its message and its own properties. */
export class WorkflowFailure extends Error {
  override readonly name = 'WorkflowFailure';
  readonly atMs: number;

  constructor(message: string, atMs: number) {
    super(message);
    this.atMs = atMs;
  }
}
