import type { Autonomy, User } from './user.ts';

/** The agent whose plans become signals. */
export const signalAgent = 'riven';

const strictestFirst: readonly Autonomy[] = ['monitor', 'suggest', 'auto-bounded', 'full-auto'];

/** What an agent may do for a user: the stricter of the user's own autonomy and the one set for the agent. */
export function autonomyOf(
  { agentAutonomy, autonomy }: Pick<User, 'autonomy' | 'agentAutonomy'>,
  agent: string,
): Autonomy {
  // A record's inherited names are no agents.
  const own = agentAutonomy !== undefined && Object.hasOwn(agentAutonomy, agent) ? agentAutonomy[agent] : undefined;
  return strictestFirst.find((level) => level === autonomy || level === own) ?? 'monitor';
}
