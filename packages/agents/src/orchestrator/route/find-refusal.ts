import type { RefusalKind } from './chat-route.ts';

/** People whose things are one's own, and things that are nobody's. */
const notPeople =
  'what|it|that|there|here|who|today|tonight|yesterday|tomorrow|week|month|day|let|desk|market|brix|vanta|luma|meridian|riven|koda|plop|orchestrator|everything|this|he|she|how|where|when|my';
const belongings =
  '(?:open |closed )?(?:positions?|balances?|accounts?|orders?|equity|pnl|portfolio|trades|chats?|conversations?|messages?|data|limits?|fills?)';

/** What no chat gives, by the words it is asked for in. The first that fits counts. */
const patterns: readonly (readonly [RefusalKind, RegExp])[] = [
  [
    'secrets',
    /\b(?:(?:api|private|secret|signing|wallet|master|encryption|access|agent)[ _-]?keys?|seed[ _-]?(?:phrase|words)|mnemonics?|recovery[ _-]phrase|pass(?:words?|phrases?|wd)|credentials?|(?:access|session|auth|bearer|api|refresh)[ _-]?tokens?|session[ _-]cookies?|secrets?|env(?:ironment)?[ _-]?var(?:iable)?s?|process\.env|\/etc\/\w+|vault[ _-]?keys?)\b|(?<!\w)\.env\b/,
  ],
  [
    'prompt',
    /\b(?:system|hidden|initial|developer|secret)[ _-]?(?:prompts?|messages?|instructions?)\b|\byour (?:prompts?|instructions?|system|guidelines)\b|\b(?:reveal|print|show|repeat|leak|dump|output|display|tell)\b.{0,40}\b(?:prompts?|instructions|words above|text above|everything above)\b|\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instructions?|prompts?|previous|prior|(?:everything|all|anything)(?: the)? (?:above|you|said))\b|\b(?:jailbreak|developer mode|dan mode|god mode|you are now|pretend (?:to be|you|that)|act as (?:if|an?|the)|role-?play)\b|<\/?(?:untrusted-data|system|assistant|tool)\b|\[\/?(?:inst|system)\]|<\|/,
  ],
  [
    'other-users',
    new RegExp(
      [
        `\\b(?:other|another|all|every|each|any|different)(?: (?:other|active))? (?:users?|customers?|traders?|clients?|people|persons?|members?|accounts?)(?:'s?)?\\b`,
        `\\b(?:someone|somebody|everyone|everybody|anyone|anybody)(?: else)?(?:'s)?\\b.{0,30}\\b${belongings}\\b`,
        `\\b${belongings} (?:of|for|from|belonging to) (?:user|customer|client|trader|account|everyone|everybody|someone|somebody|anyone|others)\\b`,
        `\\b(?:user|customer|client|trader)[ _#:-]*(?:id )?[a-z]*[ _#:-]?\\d+\\b|\\baccount ?#? ?\\d+\\b`,
        `\\b(?!(?:${notPeople})\\b)[a-z][a-z0-9_-]*'s ${belongings}\\b`,
        `\\b(?:his|her|their) ${belongings}\\b`,
        `\\b(?:list|how many|who are)\\b.{0,15}\\b(?:the )?(?:users|customers|clients|traders)\\b`,
        `\\b(?:as|impersonate|log ?in as|switch to) (?:user|admin|root|the operator)\\b`,
      ].join('|'),
    ),
  ],
  [
    'skip-risk',
    /\b(?:skip|bypass|circumvent|disable|deactivate|switch off|turn off|evade|get around|work around|override|ignore|remove|disregard)\b.{0,30}\b(?:brix|risk|(?:my |the |any |all )?limits?|gate|stop[- ]?loss(?:es)?|checks?|approvals?|confirmation|kill[- ]?switch|collar|safety|safeguards?)\b|\bwithout (?:(?:a|any|the|my|asking|an) )?(?:stop|stop-loss|brix|approval|asking|confirmation|risk checks?|checks?|limits?)\b|\bno (?:stop|stop-loss|limits|approval|risk checks?)\b|\b(?:auto|automatically|pre)[- ]?approve\b|\bapprove (?:everything|all|it all)\b|\bdo ?n(?:o|')t ask\b/,
  ],
  [
    'raise-limit',
    /\b(?:raise|increase|lift|double|triple|bump|loosen|relax|widen|boost|up my)\b.{0,30}\b(?:limits?|leverage|caps?|max(?:imum)?|risk per trade)\b/,
  ],
];

/** Why a question is refused, where its words say so. `plain` in small letters. */
export const findRefusal = (plain: string): RefusalKind | undefined =>
  patterns.find(([, pattern]) => pattern.test(plain))?.[0];
