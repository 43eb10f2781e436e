import type { User } from '../domain/user.ts';

/** The desk's users and what they set. */
export interface UserDirectory {
  /** All active users, in a fixed order. */
  active(options?: { readonly signal?: AbortSignal }): Promise<readonly User[]>;
  get(userId: string, options?: { readonly signal?: AbortSignal }): Promise<User | undefined>;
}
