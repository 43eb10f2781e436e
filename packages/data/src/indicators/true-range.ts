/**
 * The widest of high − low and the distances of both from the previous close: high − low, plus what the previous close lies
 * above the high or below the low. |x| + x is 2 · max(x, 0) without a branch, which a random walk would mispredict.
 */
export const trueRange = (high: number, low: number, previousClose: number): number => {
  const above = previousClose - high;
  const below = low - previousClose;
  return high - low + 0.5 * (Math.abs(above) + above + (Math.abs(below) + below));
};
