import {
  type MarketId,
  type ModelCallContext,
  type SharedDeskState,
  sensingAgents,
  type UserDeskState,
} from '@perpdesk/core';
import type { ChatIntent, ChatRoute } from '../route/chat-route.ts';
import { type Fact, type FactDraft, numbered } from './fact.ts';
import { priceFact, trackRecordFacts } from './market-facts.ts';
import { opinionFacts } from './opinion-facts.ts';
import { accountFacts, onlyOwn, orderFacts, pendingFacts, positionFacts, settingFacts } from './own-facts.ts';
import type { PlopDesk } from './plop-desk.ts';
import { discoveryFacts, verdictFact } from './prediction-facts.ts';
import { roundFacts } from './round-facts.ts';

/** Intents that are answered with the user's own things. They go into no prompt. */
export const ownIntents: ReadonlySet<ChatIntent> = new Set(['positions', 'account', 'orders', 'pending', 'settings']);

/** Where facts come from. */
export interface FactSources {
  readonly shared: SharedDeskState;
  readonly mine: UserDeskState;
  readonly nowMs: number;
  readonly plop?: PlopDesk;
  readonly context?: ModelCallContext;
}

/** Markets that one answer tells of, where none is named. */
const mostMarkets = 3;

/** Gathers what there is to say to a question, from the state as it is. Rejects only when aborted. */
export async function gatherFacts(
  route: ChatRoute,
  sources: FactSources,
  signal?: AbortSignal,
): Promise<readonly Fact[]> {
  if (route.intent === 'prediction') return numbered(await predictionFacts(route, sources, signal));
  return numbered(factsOf(route, { ...sources, mine: onlyOwn(sources.mine) }));
}

function factsOf(
  { intent, agents, markets: named }: ChatRoute,
  { shared, mine, nowMs }: FactSources,
): readonly FactDraft[] {
  const known = shared.markets();
  const followed = named.filter((market) => known.includes(market));
  const markets: readonly MarketId[] = named.length > 0 ? followed : known.slice(0, mostMarkets);
  switch (intent) {
    case 'opinion':
      return markets.flatMap((market) => [
        ...opinionFacts(shared, market, agents, nowMs),
        ...(agents.length === 0 || agents.includes('riven') ? roundFacts(shared, market, nowMs).slice(0, 1) : []),
      ]);
    case 'why':
      return markets.flatMap((market) => [
        ...roundFacts(shared, market, nowMs),
        ...opinionFacts(shared, market, agents, nowMs).filter((fact) => agents.includes(fact.agent)),
      ]);
    case 'price':
      return markets.map((market) => priceFact(shared, market));
    case 'track-record':
      return trackRecordFacts(shared, agents.length > 0 ? agents : sensingAgents, nowMs);
    case 'positions':
      return positionFacts(mine, named, nowMs);
    case 'account':
      return accountFacts(mine, nowMs);
    case 'orders':
      return orderFacts(mine, named);
    case 'pending':
      return pendingFacts(mine);
    case 'settings':
      return settingFacts(mine, nowMs);
    default:
      return [];
  }
}

async function predictionFacts(
  { contract }: ChatRoute,
  { shared, plop, nowMs, context }: FactSources,
  signal?: AbortSignal,
): Promise<readonly FactDraft[]> {
  if (contract === undefined) return discoveryFacts(shared, nowMs);
  if (plop === undefined)
    return [{ agent: 'plop', text: 'This desk has no Plop to assess contracts of prediction markets.', citations: [] }];
  try {
    const verdict = await plop.answer(contract, {
      ...(signal === undefined ? {} : { signal }),
      ...(context === undefined ? {} : { context }),
    });
    return [verdictFact(verdict, nowMs)];
  } catch {
    signal?.throwIfAborted();
    // What failed may hold anything, and goes no further.
    return [{ agent: 'plop', text: 'Plop could not be asked just now.', citations: [] }];
  }
}
