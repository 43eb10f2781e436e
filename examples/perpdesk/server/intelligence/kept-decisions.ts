import { DecisionRecorder, SqlDecisionJournal } from '@perpdesk/agents';
import type { Clock, Health, Logger, Service } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Redactor } from '@perpdesk/core/security';

/** What decisions were made from, kept so that each can be made again: opened before agents speak, written out after they have. */
export class KeptDecisions implements Service {
  readonly name = 'decision-journal';
  readonly journal: SqlDecisionJournal;
  readonly recorder: DecisionRecorder;
  #isOpen = false;

  constructor(setting: {
    readonly database: Database;
    readonly clock: Clock;
    readonly wallClock: Clock;
    readonly redactor?: Redactor;
    readonly logger: Logger;
  }) {
    const { database, ...rest } = setting;
    this.journal = new SqlDecisionJournal({ database });
    this.recorder = new DecisionRecorder({ journal: this.journal, ...rest });
  }

  /** @throws StoreError */
  async start(): Promise<void> {
    await this.journal.open();
    this.#isOpen = true;
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    await this.recorder.flush();
  }

  /** Resolves once what was decided so far is written, or a second has passed. */
  async settle(): Promise<void> {
    await this.recorder.flush({ withinMs: 1_000 });
  }

  health(): Health {
    return { status: this.#isOpen ? 'healthy' : 'stopped' };
  }
}
