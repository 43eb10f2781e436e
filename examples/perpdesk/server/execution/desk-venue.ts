import { CcxtVenue } from '@perpdesk/execution/ccxt';

/** A live venue that takes no new risk while its user's keys were not found to be in order. Exits go on as far as keys allow. */
export class DeskVenue extends CcxtVenue {
  #keyTrouble: string | undefined = 'The keys were not tested yet.';

  override unhealthy(): string | undefined {
    return super.unhealthy() ?? this.#keyTrouble;
  }

  /** Tests the keys as they are in the vault now; what is wrong with them, if anything. @throws VenueError */
  async testKeys(userId: string): Promise<string | undefined> {
    const { problems } = await this.testConnection(userId);
    const found = problems.map(({ message }) => message).join(' ');
    this.#keyTrouble = found === '' ? undefined : found;
    return this.#keyTrouble;
  }
}
