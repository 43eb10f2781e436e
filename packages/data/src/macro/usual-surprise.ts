/** How much the assumption counts, in releases. */
const priorReleases = 12;
/** Releases looked back at: two years of a monthly figure. */
const window = 24;
/** Releases without which a series that has no assumption has no usual size. */
const fewest = 8;

/**
 * The usual size of a surprise (actual − consensus), in the unit of the figure: the root of the mean square of the last 24,
 * taken about zero because a consensus that is off to one side is a surprise too, and with the assumed size counted as 12
 * more. The form is that of the posterior mean of a variance under a conjugate prior (scaled inverse chi-squared), without
 * its small correction.
 * @param past earlier surprises, oldest first.
 * @param assumed what is taken before there is a record; undefined where nothing is known of the series.
 * @returns undefined where nothing can be said: no assumption and fewer than 8 surprises, or all of them nil.
 */
export function usualSurprise(past: readonly number[], assumed: number | undefined): number | undefined {
  const recent = past.slice(-window);
  if (assumed === undefined && recent.length < fewest) return undefined;
  const weight = assumed === undefined ? 0 : priorReleases;
  const squares = recent.reduce((sum, surprise) => sum + surprise * surprise, weight * (assumed ?? 0) ** 2);
  const size = Math.sqrt(squares / (weight + recent.length));
  return size > 0 && Number.isFinite(size) ? size : undefined;
}
