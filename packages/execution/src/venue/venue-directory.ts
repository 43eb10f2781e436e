import type { ExecutionVenue } from '@perpdesk/core';

/** The venues a desk sends orders to, by name, in the order they were given. */
export class VenueDirectory {
  readonly #venues: ReadonlyMap<string, ExecutionVenue>;

  constructor(venues: readonly ExecutionVenue[]) {
    this.#venues = new Map(venues.map((venue) => [venue.name, venue]));
  }

  get(name: string): ExecutionVenue | undefined {
    return this.#venues.get(name);
  }

  all(): readonly ExecutionVenue[] {
    return [...this.#venues.values()];
  }
}
