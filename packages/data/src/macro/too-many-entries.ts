/** A calendar of decades has some ten thousand entries. More in one file is a mistake or an attack. */
const mostEntries = 50_000;

/** The entries themselves. @throws Error when there are more than any calendar has. */
export function capped<Entry>(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length > mostEntries) throw new Error(`it has ${entries.length} entries, more than ${mostEntries}`);
  return entries;
}
