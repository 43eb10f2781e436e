import type { ScriptedQuestion } from '@perpdesk/agents';

/** Answers a question of the Orchestrator by saying back what words of its prompt the desk lets through. */
export function echoAnswer({ prompt, purpose }: ScriptedQuestion): unknown {
  if (purpose.startsWith('orchestrator-route')) return { intent: 'opinion', agents: [], refusal: null, command: null };
  const said = (prompt.split('<untrusted-data>')[1] ?? '').match(/\p{L}{4,}/gu) ?? [];
  const facts = [...prompt.matchAll(/"id":"(f\d{1,2})"/g)].map((match) => match[1] ?? '');
  return {
    sentences: [{ text: `You asked: ${said.slice(0, 30).join(' ')}.`.slice(0, 390), facts: facts.slice(0, 6) }],
  };
}
