import { ConfigError, type JsonValue, ValidationError, type WorkflowDefinition } from '@perpdesk/core';

/** A workflow as an engine keeps it: what a run is started with goes through JSON in between. */
export type AnyWorkflow = WorkflowDefinition<JsonValue, JsonValue | void>;

/** The workflows an engine knows, by name and version. */
export class WorkflowDefinitions {
  readonly #versions = new Map<string, Map<number, AnyWorkflow>>();

  /** @throws ConfigError `workflow.defined-twice` */
  add<Input extends JsonValue, Result extends JsonValue | void>(definition: WorkflowDefinition<Input, Result>): void {
    const { name, version, run } = definition;
    const versions = this.#versions.get(name) ?? new Map<number, AnyWorkflow>();
    if (versions.has(version))
      throw new ConfigError('workflow.defined-twice', `Workflow "${name}" version ${version} is defined twice.`);
    versions.set(version, { name, version, run: (context, input) => run(context, input as Input) });
    this.#versions.set(name, versions);
  }

  get(name: string, version: number): AnyWorkflow | undefined {
    return this.#versions.get(name)?.get(version);
  }

  all(): readonly AnyWorkflow[] {
    return [...this.#versions.values()].flatMap((versions) => [...versions.values()]);
  }

  /** The version that new runs are started with. @throws ValidationError `workflow.undefined` */
  latest(name: string): number {
    const version = Math.max(...(this.#versions.get(name)?.keys() ?? []));
    if (!Number.isFinite(version)) throw new ValidationError('workflow.undefined', `There is no workflow "${name}".`);
    return version;
  }
}

/** Why a run fails whose workflow no one defines any more. */
export const undefinedWorkflow = (name: string, version: number): ValidationError =>
  new ValidationError('workflow.undefined', `There is no workflow "${name}" version ${version} any more.`);
