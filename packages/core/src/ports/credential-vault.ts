/** Names one set of credentials. */
export interface CredentialKey {
  readonly userId: string;
  readonly venue: string;
}

/** Where venue credentials are kept, encrypted. */
export interface CredentialVault {
  /** Keeps a set of named secrets, replacing what was there. @throws StoreError */
  put(key: CredentialKey, secrets: Readonly<Record<string, string>>): Promise<void>;
  /** Undefined when there is none. @throws StoreError `vault.sealed` on a wrong key, user or venue, or an altered record. */
  get(key: CredentialKey): Promise<Readonly<Record<string, string>> | undefined>;
  remove(key: CredentialKey): Promise<void>;
  /** Which venues a user has credentials for; no secret. */
  list(userId: string): Promise<readonly { readonly venue: string; readonly updatedAtMs: number }[]>;
}
