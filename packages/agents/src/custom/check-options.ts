import { ConfigError } from '@perpdesk/core';
import type { FeatureAgentOptions } from './feature-agent.ts';

const names = /^[a-z][a-z0-9-]{0,31}$/;

/** @throws ConfigError `agent.option` naming the first option that can not be used. */
export function checkFeatureAgent(options: FeatureAgentOptions<string>): void {
  const { name, weight, components, refreshMs, model, prompt } = options;
  const refuse = (message: string): never => {
    throw new ConfigError('agent.option', message);
  };
  if (!names.test(name)) {
    refuse(`The agent's name "${name}" must be lower-case letters, digits and dashes, at most 32, a letter first.`);
  }
  if (!(Number.isFinite(weight) && weight > 0)) refuse(`The weight of ${name} is ${weight}; it must be above 0.`);
  if (components.length === 0) refuse(`${name} has no components; name at least one part of its score.`);
  if (new Set(components).size !== components.length) refuse(`${name} names a component twice.`);
  if (refreshMs !== undefined && !(Number.isSafeInteger(refreshMs) && refreshMs > 0)) {
    refuse(`The refreshMs of ${name} is ${refreshMs}; it must be a whole number of milliseconds above 0.`);
  }
  if (model !== undefined && prompt === undefined) {
    refuse(`${name} has a model and no prompt; give prompt: { version, text } that says how its features are read.`);
  }
}
