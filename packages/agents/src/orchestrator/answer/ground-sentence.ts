import { foreignText, type MarketId, ModelError } from '@perpdesk/core';
import { groundProse, numbersIn } from '../../model/grounding.ts';
import { deskAgents } from '../route/chat-route.ts';
import { readQuestion } from '../route/question.ts';
import type { Fact } from './fact.ts';
import type { AnswerSentence } from './schema.ts';

/** Links, markup and addresses: an answer needs none, and they can carry things away. */
const markup =
  /https?:|www\.|[<>`|]|\]\s*\(|!\[|\b[\w.-]+@[\w-]+\.\w|\b[\w-]+\.(?:com|org|net|io|xyz|app|dev|ru|cn|top|site|link|me|co)\b|0x[0-9a-f]{6,}/i;
/** What a wording has no business to say: that something was done or will be, or that the user should do or give something. */
const acting =
  /\b(?:i|we|the desk|brix|koda|orchestrator)(?:'ve|'ll|'d)?(?: (?:have|has|had|will|just|already|now|can|would))* (?:placed?|sent|send|bought|buy|sold|sell|closed?|cancell?(?:ed)?|opened|raised?|lower(?:ed)?|changed?|set|paused?|resumed?|approved?|transfer(?:red)?|skip(?:ped)?|executed?|disabled?)\b|\b(?:order|position|limit|autonomy|proposal|stop)s? (?:was|were|is|are|has been|have been) (?:now )?(?:placed|sent|closed|cancell?ed|opened|raised|lowered|changed|set|approved|executed|disabled|removed)\b|\b(?:passwords?|api keys?|seed phrases?|private keys?|secrets?|tokens?|credentials?|wallets?|deposit|withdraw|transfer|send)\b|\b(?:guarantee\w*|risk-free|certain(?:ly)?|can ?not lose|you (?:should|must|need to|have to))\b/i;
/** Numbers in words go past the check of digits. */
const spelled =
  /\b(?:(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|een)|eleven|twelve|hundred|thousand|million|billion|trillion|dozen|lakh|crore|double|triple|twice)s?\b/i;

const directions = {
  long: /\b(?:long|bullish|upward|bull)\b/i,
  short: /\b(?:short|bearish|downward|bear)\b/i,
  neutral: /\bneutral\b/i,
} as const;

/**
 * A sentence of a model, held to the facts that it cites: each number, direction, agent and market in it is one of theirs, and it claims, asks
 * for and links nothing.
 * @returns the sentence, cleaned
 * @throws ModelError `model.ungrounded`
 */
export function groundSentence(
  { text, facts: cited }: AnswerSentence,
  facts: readonly Fact[],
  markets: readonly MarketId[],
): string {
  const used = cited.map((id) => facts.find((fact) => fact.id === id) ?? refuse('a fact'));
  const clean = foreignText(text, 400);
  if (markup.test(text) || markup.test(clean)) refuse('markup or a link');
  if (acting.test(clean)) refuse('a claim');
  if (spelled.test(clean)) refuse('a number in words');
  const given = used.map((fact) => fact.text).join(' ');
  groundProse(
    clean,
    numbersIn(given).map(({ value }) => value),
  );
  for (const [direction, pattern] of Object.entries(directions))
    if (pattern.test(clean) && !pattern.test(given)) refuse(`the direction ${direction}`);
  const said = readQuestion(clean, { markets, agents: facts.map(({ agent }) => agent) });
  const known = readQuestion(given, { markets, agents: facts.map(({ agent }) => agent) });
  const speakers = new Set([...used.map(({ agent }) => agent), ...known.agents]);
  if (said.agents.some((agent) => !speakers.has(agent) && agent !== deskAgents.at(-1))) refuse('an agent');
  if (said.lookAlikes.length > 0 || said.markets.some((market) => !known.markets.includes(market))) refuse('a market');
  return clean === '' ? refuse('nothing') : clean;
}

function refuse(what: string): never {
  throw new ModelError('model.ungrounded', `The model cites ${what}, which it was not given.`);
}
