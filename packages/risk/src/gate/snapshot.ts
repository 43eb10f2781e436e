import { type Usd, type User, zeroUsd } from '@perpdesk/core';
import { operatorStateId, type RiskState } from '../state/risk-state-store.ts';
import type { BrixOptions } from './brix-options.ts';
import type { DeskInputs } from './desk-inputs.ts';

/** How often a decision is made anew when another process changed what it rests on. */
export const attempts = 5;

/** Users' states, and what all users together use of the operator's cap. */
export interface Snapshot {
  /** Of those that were wanted, in their order; undefined where the store gave none. */
  readonly states: readonly (RiskState | undefined)[];
  readonly usedNotional: Usd;
  /** Present where the operator has a cap: the commit must find this version. */
  readonly operatorVersion?: number;
}

/** Loads what decisions rest on, in one batch; everybody's states only where the operator has a cap over all. @throws StoreError */
export async function loadSnapshot(
  { store, users: directory, operator, clock }: BrixOptions,
  inputs: DeskInputs,
  wanted: readonly User[],
  known: { readonly active?: readonly User[]; readonly except?: string } = {},
): Promise<Snapshot> {
  if (operator?.maxNotional === undefined) {
    const states = await store.load(wanted.map(({ id }) => id));
    return { states: statesOf(wanted, states), usedNotional: zeroUsd };
  }
  const active = known.active ?? (await directory.active());
  const ids = new Set(active.map(({ id }) => id));
  const everybody = [...active, ...wanted.filter(({ id }) => !ids.has(id))];
  const [first, ...states] = await store.load([operatorStateId, ...everybody.map(({ id }) => id)]);
  return {
    states: statesOf(wanted, states),
    usedNotional: inputs.usedNotional(everybody, states, clock.nowMs(), known.except),
    operatorVersion: first?.version ?? 0,
  };
}

/** A store gives states in the order they were asked for; in any other, each is looked for. */
function statesOf(users: readonly User[], states: readonly RiskState[]): readonly (RiskState | undefined)[] {
  if (states.length === users.length && states.every(({ userId }, index) => userId === users[index]?.id)) return states;
  const byUser = new Map(states.map((state) => [state.userId, state]));
  return users.map(({ id }) => byUser.get(id));
}
