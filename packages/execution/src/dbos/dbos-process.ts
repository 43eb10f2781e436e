import { AsyncLocalStorage } from 'node:async_hooks';
import { ConfigError, type Logger } from '@perpdesk/core';
import { dbosLogger } from './dbos-logger.ts';
import { type DbosPackage, loadDbos } from './load-dbos.ts';
import { dbosNameOf, dbosStatuses, readDbosName } from './run-of-status.ts';

/** Options of {@link DbosProcess}. */
export interface DbosProcessOptions {
  readonly url: string;
  readonly schema: string;
  readonly connections: number;
  readonly logger: Logger;
}

interface Named {
  readonly name: string;
  readonly version: number;
}

/** What DBOS calls for a run: its input in JSON and when it was started. */
export type RunFunction = (input: string, startedAtMs: number) => Promise<unknown>;

/** A version of our own: runs are kept apart by the versions of their workflows, not by that of the program. */
const applicationVersion = 'perpdesk-1';
const applicationName = 'perpdesk';
/** A process that dies is no fault of the run: DBOS is to go on with it however often. */
const maxRecoveryAttempts = 2 ** 31 - 1;

/** The one use of DBOS that a process can make at a time: its registry and its executor are the module's own. */
let inUse: DbosProcess | undefined;

/** DBOS in this process, from its launch to its shutdown. */
export class DbosProcess {
  readonly #options: DbosProcessOptions;
  #package: DbosPackage | undefined;
  #outside: <Result>(act: () => Result) => Result = (act) => act();
  #functions = new Map<string, RunFunction>();

  constructor(options: DbosProcessOptions) {
    this.#options = options;
  }

  /** @throws ConfigError `workflow.one-engine`, `package.missing` */
  async take(): Promise<void> {
    if (inUse !== undefined && inUse !== this) throw oneEngine('A DBOS workflow engine is open');
    inUse = this;
    try {
      this.#package = await loadDbos();
      if (this.#package.DBOS.isInitialized()) throw oneEngine('DBOS is launched');
      // What this engine asks of DBOS, it asks as no part of a run, wherever it is called from.
      this.#outside = AsyncLocalStorage.snapshot();
    } catch (error) {
      inUse = undefined;
      throw error;
    }
  }

  get dbos(): DbosPackage {
    if (this.#package === undefined || inUse !== this)
      throw new ConfigError('workflow.closed', 'The workflow engine is closed.');
    return this.#package;
  }

  /** Calls DBOS outside of any run. */
  outside<Result>(act: (dbos: DbosPackage) => Promise<Result>): Promise<Result> {
    const { dbos } = this;
    return this.#outside(() => act(dbos));
  }

  /** Registers each workflow, and each that has runs and is none any more, as `makeFunction` has it; then launches. */
  async launch(
    executorId: string,
    defined: readonly Named[],
    makeFunction: (workflow: Named) => RunFunction,
  ): Promise<void> {
    const { connections, logger, schema, url } = this.#options;
    await this.outside(async ({ DBOS }) => {
      const names = new Set(defined.map(({ name, version }) => dbosNameOf(name, version)));
      for (const left of await this.#namesLeft()) names.add(left);
      for (const name of names) {
        const workflow = readDbosName(name);
        if (workflow === undefined) continue;
        this.#functions.set(name, DBOS.registerWorkflow(makeFunction(workflow), { name, maxRecoveryAttempts }));
      }
      DBOS.setConfig({
        name: applicationName,
        applicationVersion,
        executorID: executorId,
        systemDatabaseUrl: url,
        systemDatabaseSchemaName: schema,
        systemDatabasePoolSize: connections,
        logger: dbosLogger(logger),
      });
      await DBOS.launch();
    });
  }

  function(name: string, version: number): RunFunction {
    const found = this.#functions.get(dbosNameOf(name, version));
    if (found !== undefined) return found;
    const message = `Workflow "${name}" version ${version} was defined after DBOS was launched; define all of them before the first run.`;
    throw new ConfigError('workflow.defined-late', message);
  }

  /** Lets DBOS go: its connections and its registry. */
  async leave(): Promise<void> {
    if (inUse !== this) return;
    try {
      await this.#outside(async () => this.#package?.DBOS.shutdown({ deregister: true }));
    } finally {
      inUse = undefined;
    }
  }

  /** The names of workflows that have runs which are not over. */
  async #namesLeft(): Promise<readonly string[]> {
    const { schema, url } = this.#options;
    const client = await this.dbos.DBOSClient.create({
      systemDatabaseUrl: url,
      systemDatabaseSchemaName: schema,
      systemDatabasePoolSize: 1,
    });
    try {
      const left = await client.listWorkflows({
        applicationName,
        status: [...dbosStatuses.running],
        loadInput: false,
        loadOutput: false,
      });
      return left.map(({ workflowName }) => workflowName);
    } catch (error) {
      // Where DBOS has no tables yet, it makes them at its launch.
      if (isMissing(error)) return [];
      throw error;
    } finally {
      await client.destroy();
    }
  }
}

const oneEngine = (what: string): ConfigError =>
  new ConfigError('workflow.one-engine', `${what} in this process already; DBOS can be used once in a process.`);

/** Whether PostgreSQL has said that there is no such table or schema. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '42P01' || error.code === '3F000');
