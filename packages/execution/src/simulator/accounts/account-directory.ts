import type { ExchangeEngine } from '../engine/exchange-engine.ts';
import { NonceWindow } from './nonce-window.ts';

/** A wallet that may trade for an account and can not move its money. */
export interface AgentWallet {
  readonly address: string;
  readonly master: string;
  /** Empty for the unnamed one. */
  readonly name: string;
  readonly validUntilMs?: number;
}

/** Who exists at the exchange and who may act for whom. Addresses in lower case. */
export class AccountDirectory {
  readonly #engine: ExchangeEngine;
  readonly #accounts = new Set<string>();
  readonly #agents = new Map<string, AgentWallet>();
  readonly #vaultLeaders = new Map<string, string>();
  readonly #nonces = new Map<string, NonceWindow>();
  readonly #builderFees = new Map<string, Map<string, number>>();
  readonly #referrers = new Map<string, string>();
  #ledgerRead = 0;

  constructor(engine: ExchangeEngine) {
    this.#engine = engine;
  }

  /** True from an account's first deposit on. */
  exists(account: string): boolean {
    if (this.#accounts.has(account)) return true;
    const ledger = this.#engine.ledger();
    for (; this.#ledgerRead < ledger.length; this.#ledgerRead += 1) {
      const entry = ledger[this.#ledgerRead];
      if (entry?.kind === 'deposit') this.#accounts.add(entry.account.toLowerCase());
    }
    return this.#accounts.has(account);
  }

  /** Lets a wallet act for an account. One without a name takes the place of the unnamed one, a named one of its namesake. */
  approveAgent(agent: AgentWallet): void {
    for (const known of this.#agents.values()) {
      if (known.master === agent.master && known.name === agent.name) this.#agents.delete(known.address);
    }
    this.#agents.set(agent.address, agent);
  }

  /** The account a signer acts for: its own or, for an agent whose approval holds, its master's. */
  accountOf(signer: string, nowMs: number): string | undefined {
    const agent = this.#agents.get(signer);
    if (agent !== undefined) return (agent.validUntilMs ?? Infinity) > nowMs ? agent.master : undefined;
    return this.exists(signer) ? signer : undefined;
  }

  agent(address: string): AgentWallet | undefined {
    return this.#agents.get(address);
  }

  agentsOf(master: string): readonly AgentWallet[] {
    return [...this.#agents.values()].filter((agent) => agent.master === master);
  }

  /** Makes an account trade on another's word: a vault or sub-account and its leader. */
  registerVault(vault: string, leader: string): void {
    this.#vaultLeaders.set(vault, leader);
  }

  leaderOf(vault: string): string | undefined {
    return this.#vaultLeaders.get(vault);
  }

  /** Uses a signer's nonce; the venue's words when it may not be. */
  useNonce(signer: string, nonce: number, nowMs: number): string | undefined {
    const window = this.#nonces.get(signer) ?? new NonceWindow();
    this.#nonces.set(signer, window);
    return window.use(nonce, nowMs);
  }

  /** @param feeTenthsOfBasisPoint The highest fee, in tenths of a basis point. */
  approveBuilder(account: string, builder: string, feeTenthsOfBasisPoint: number): void {
    const fees = this.#builderFees.get(account) ?? new Map<string, number>();
    fees.set(builder, feeTenthsOfBasisPoint);
    this.#builderFees.set(account, fees);
  }

  /** The highest fee a builder may take, in tenths of a basis point, undefined when the account approved none. */
  builderFee(account: string, builder: string): number | undefined {
    return this.#builderFees.get(account)?.get(builder);
  }

  buildersOf(account: string): readonly string[] {
    return [...(this.#builderFees.get(account)?.keys() ?? [])];
  }

  setReferrer(account: string, code: string): boolean {
    if (this.#referrers.has(account)) return false;
    this.#referrers.set(account, code);
    return true;
  }

  referrerOf(account: string): string | undefined {
    return this.#referrers.get(account);
  }
}
