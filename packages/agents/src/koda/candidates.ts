import type { EntryLeg, EntryStyle, Instrument, Rate, Signal } from '@perpdesk/core';
import type { EntrySettings } from './agent.ts';
import { chooseStyle, type StyleChoice } from './choose-style.ts';
import { entryLegs } from './entry-legs.ts';
import { estimateSlippage } from './estimate-slippage.ts';
import type { MarketConditions } from './features.ts';

/** One way to enter, with the orders it comes to. */
export interface EntryCandidate {
  readonly style: EntryStyle;
  readonly legs: readonly EntryLeg[];
  readonly slippage: Rate;
}

/** What there is to choose from. */
export interface EntryChoice {
  /** The rule that held. */
  readonly reason: StyleChoice['reason'];
  /** What the rules take. */
  readonly ruled: EntryCandidate;
  /** All that may be taken, the ruled one first. More than one only where the rules leave it to the user's preference, or to a precise price. */
  readonly candidates: readonly EntryCandidate[];
}

const styles: readonly EntryStyle[] = ['sniper', 'ladder', 'market'];

/**
 * The ways to enter a signal, each with its orders from computed prices. A beginner's strong signal, a first trade and a large one
 * are entered as PRODUCT §2 says and no other way; else the other styles are open too, each one once.
 */
export function entryCandidates(
  signal: Signal,
  settings: EntrySettings,
  { instrument, conditions }: { readonly instrument: Instrument | undefined; readonly conditions: MarketConditions },
): EntryChoice {
  const candidate = (wanted: EntryStyle): EntryCandidate => {
    const legs = entryLegs(wanted, { signal, aggression: settings.aggression, instrument, conditions });
    // A ladder too small for its rungs has become one limit.
    const style = wanted === 'ladder' && legs.length === 1 ? 'sniper' : wanted;
    return { style, legs, slippage: estimateSlippage(style, signal.notional, conditions) };
  };
  const choice = chooseStyle(signal, settings, conditions);
  const ruled = candidate(choice.style);
  const isOpen = choice.reason === 'preference' || choice.reason === 'high-small';
  const others = isOpen ? styles.map(candidate) : [];
  const candidates = [ruled];
  for (const other of others) if (!candidates.some(({ style }) => style === other.style)) candidates.push(other);
  return { reason: choice.reason, ruled, candidates };
}
