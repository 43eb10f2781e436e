/** Something a client sent that takes a fee, names a referrer, moves money out or gives others rights. */
export interface UnwantedAction {
  readonly kind: 'builder-approval' | 'builder' | 'referrer' | 'transfer' | 'agent-approval' | 'account-mode';
  readonly account: string;
  readonly action: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

const kinds: Readonly<Record<string, UnwantedAction['kind']>> = {
  approveBuilderFee: 'builder-approval',
  setReferrer: 'referrer',
  approveAgent: 'agent-approval',
  usdClassTransfer: 'transfer',
  withdraw3: 'transfer',
  usdSend: 'transfer',
  spotSend: 'transfer',
  sendAsset: 'transfer',
  vaultTransfer: 'transfer',
  userDexAbstraction: 'account-mode',
  userSetAbstraction: 'account-mode',
  agentSetAbstraction: 'account-mode',
};

/** What in an action a trading client has no business sending; undefined when nothing. */
export function unwantedKind(action: Readonly<Record<string, unknown>>): UnwantedAction['kind'] | undefined {
  if (action.type === 'order' && action.builder !== undefined) return 'builder';
  return kinds[String(action.type)];
}
