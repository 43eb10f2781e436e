import { type User, userSchema } from '../domain/user.ts';
import { ValidationError } from '../errors/validation-error.ts';
import type { UserDirectory } from '../ports/user-directory.ts';

/** A fixed list of users, in the order given. */
export class StaticUserDirectory implements UserDirectory {
  readonly #users: ReadonlyMap<string, User>;

  /** @throws ValidationError `user.invalid`, `user.duplicate` */
  constructor(options: { readonly users: readonly User[] }) {
    const users = new Map<string, User>();
    for (const given of options.users) {
      const parsed = userSchema.safeParse(given);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new ValidationError(
          'user.invalid',
          `The user "${given.id}" is not valid: ${issue?.path.join('.')} ${issue?.message}.`,
          { cause: parsed.error },
        );
      }
      if (users.has(given.id)) throw new ValidationError('user.duplicate', `There are two users "${given.id}".`);
      users.set(given.id, Object.freeze(parsed.data));
    }
    this.#users = users;
  }

  async active(): Promise<readonly User[]> {
    return [...this.#users.values()].filter(({ active }) => active);
  }

  async get(userId: string): Promise<User | undefined> {
    return this.#users.get(userId);
  }
}
