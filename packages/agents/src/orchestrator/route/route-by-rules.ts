import { type ChatRoute, deskAgents } from './chat-route.ts';
import { contractIn } from './find-contract-reference.ts';
import { agentsOfTopics, findIntent, isOfPredictions } from './find-intent.ts';
import { findRefusal } from './find-refusal.ts';
import { type DeskNames, type Question, readQuestion } from './question.ts';
import { readCommand } from './read-command.ts';

/**
 * Finds out where a question goes, by rules alone: what is refused first, then commands, contracts of prediction markets, and what is asked for by
 * words, agents and markets. A pure function that throws on no text.
 *
 * @example
 * ```ts
 * routeByRules('What do @vanta and @luma think of BTC?', { markets: ['BTC-PERP'] });
 * // { intent: 'opinion', agents: ['vanta', 'luma'], markets: ['BTC-PERP'], by: 'rules' }
 * ```
 */
export function routeByRules(text: string, desk: DeskNames): ChatRoute {
  const question = readQuestion(text, desk);
  const refusal = findRefusal(question.plain);
  if (refusal !== undefined) return { ...routeTo('refuse', question), refusal };
  const command = readCommand(question, [...deskAgents, ...(desk.agents ?? [])]);
  if (command !== undefined) {
    const unread = command.unread.length > 0 ? { unread: [...command.unread] } : {};
    return {
      ...routeTo('act', question),
      ...(command.command === undefined ? {} : { command: command.command }),
      ...unread,
    };
  }
  const isPrediction = isOfPredictions(question);
  const contract = contractIn(question, isPrediction);
  if (contract !== undefined) return { ...routeTo('prediction', question), agents: ['plop'], contract };
  if (isPrediction && !question.agents.some((agent) => agent !== 'plop'))
    return { ...routeTo('prediction', question), agents: ['plop'] };
  const intent = findIntent(question);
  if (intent !== undefined) return routeTo(intent, question);
  // A slug or a ticker all by itself, where nothing else is known of it.
  const lone = question.words.length === 1 && question.lookAlikes.length === 0 ? contractIn(question, true) : undefined;
  if (lone !== undefined) return { ...routeTo('prediction', question), agents: ['plop'], contract: lone };
  return routeTo('unknown', question);
}

function routeTo(intent: ChatRoute['intent'], { agents, markets, lookAlikes, plain }: Question): ChatRoute {
  const asked = agents.filter((agent) => agent !== 'orchestrator');
  const isOpen = asked.length === 0 && (intent === 'opinion' || intent === 'why' || intent === 'track-record');
  return {
    intent,
    agents: isOpen ? [...agentsOfTopics(plain)] : asked,
    markets: [...markets],
    ...(lookAlikes.length > 0 ? { lookAlikes: [...lookAlikes] } : {}),
    by: 'rules',
  };
}
