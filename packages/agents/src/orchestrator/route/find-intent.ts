import type { ChatIntent } from './chat-route.ts';
import type { Question } from './question.ts';

/** Words of what people ask for. The first that fits counts: what is one's own before what is the market's. */
const keywords: readonly (readonly [ChatIntent, RegExp])[] = [
  [
    'help',
    /^(?:help|hi|hello|hey|commands?|\?)\b[\s.!?]*$|\bwhat (?:can|could|do) you do\b|\bwhat can i (?:ask|say|do)\b|\bhow do(?:es)? (?:this|you|i use)\b|\bwho are you\b/,
  ],
  [
    'pending',
    /^(?:yes|yep|yeah|sure|confirm|confirmed|approved?|do it|go ahead|accept|reject|decline|no|ok|okay)\b|\b(?:pending|approvals?|approve|waiting for (?:me|my)|awaits?|to (?:approve|confirm))\b/,
  ],
  ['orders', /\b(?:my|open|resting|working|active|unfilled|live|the) (?:limit |stop )?orders?\b|^orders?\b/],
  [
    'positions',
    /\bpositions?\b|\bholdings?\b|\b(?:my|unreali[sz]ed|open) (?:pnl|profit|p&l|exposure|trades?)\b|\bwhat (?:do|am) i (?:hold|holding|long|short|own|have open|have on)\b|\bam i (?:long|short|exposed|in profit|up|down)\b|\bmy (?:longs?|shorts?|stops?|targets?|liquidation)\b|\bliquidation price\b/,
  ],
  [
    'account',
    /\b(?:balances?|equity|net worth|buying power|(?:available|used|free|my) margin|my (?:account|money|funds|wallet|portfolio|fees|deposits?))\b|\bhow much (?:money|cash|margin|do i have)\b|^account\b/,
  ],
  [
    'settings',
    /\b(?:limits?|autonomy|settings?|preferences?|my tier|max(?:imum)? leverage|trading state|halted|paused|kill switch|aggression|entry style)\b|\bmy (?:risk|leverage)\b|\bam i (?:allowed|active)\b/,
  ],
  [
    'track-record',
    /\b(?:track records?|hit rates?|win rates?|accurac(?:y|ies)|accurate|brier|calibrat\w+|how (?:good|reliable|often)|(?:past|historical) performance|performed|performing|scorecard|beat the rules|skill)\b|\b(?:been|often|usually) (?:right|wrong|correct)\b/,
  ],
  [
    'why',
    /\bwhy\b|\bexplain\b|\breasons?\b|\brationale\b|\b(?:last|latest|recent|previous|current) (?:rounds?|debates?|recommendations?|signals?|setups?|trade ideas?)\b|\brounds?\b|\bwar room\b|\bdebates?\b|\bconsensus\b|\bst(?:and|ood|ands) aside\b|\brecommend\w*\b|\bhow come\b|\btrade ideas?\b|\bsetups?\b/,
  ],
  [
    'opinion',
    /\b(?:think\w*|thoughts?|opinions?|views?|outlook|bullish|bearish|sentiment|should i|would you|bias|direction|forecast|expect\w*|going (?:up|down)|long or short|up or down|buy or sell|regime|structure|trend\w*|momentum|support|resistance|macro|funding|open interest|liquidations?|volatility|volume|risk-o(?:n|ff)|analysis|analy[sz]e|read on|take on|look\w*|good (?:buy|short|long|entry|time)|cpi|fed|fomc|inflation|news|catalysts?)\b/,
  ],
  ['price', /\b(?:prices?|quotes?|trading at|worth|tickers?|bid|spread|mark|costs?)\b|\bhow much is\b|\bwhere is\b/],
];

const predictionWords =
  /(?<![\w/.-])(?:polymarket|kalshi)(?![\w-]*\.\w)|\b(?:prediction markets?|event contracts?|odds|probabilit(?:y|ies)|chances?|likely|yes or no|discover\w*|edges?)\b/;

/** Whether a question is about prediction markets, by its words. */
export const isOfPredictions = ({ plain, agents }: Question): boolean =>
  agents.includes('plop') || predictionWords.test(plain);

/** What a question asks for by its words, or by whom or what it names; undefined where they say nothing. */
export function findIntent({ plain, agents, markets }: Question): ChatIntent | undefined {
  const named = keywords.find(([, pattern]) => pattern.test(plain))?.[0];
  if (named !== undefined) return named;
  if (agents.includes('riven')) return 'why';
  if (agents.includes('brix')) return 'settings';
  if (agents.includes('koda')) return 'pending';
  if (markets.length > 0 || agents.some((agent) => agent !== 'orchestrator')) return 'opinion';
  return undefined;
}

const topics: readonly (readonly [string, RegExp])[] = [
  [
    'vanta',
    /\b(?:structure|regime|trends?|trending|momentum|support|resistance|breakout|volatility|rsi|macd|technicals?|levels?|chart)\b/,
  ],
  ['luma', /\b(?:funding|open interest|oi|liquidations?|derivatives|leverage flush|positioning|squeeze|flows?)\b/],
  [
    'meridian',
    /\b(?:macro|cpi|fed|fomc|inflation|rates?|risk-o(?:n|ff)|catalysts?|calendar|releases?|jobs|payrolls?|gdp|liquidity)\b/,
  ],
];

/** Which sensing agents a question's topics belong to. */
export const agentsOfTopics = (plain: string): readonly string[] =>
  topics.filter(([, pattern]) => pattern.test(plain)).map(([agent]) => agent);
