// 10,000 mutated payloads per venue through the feeds' readers: dropped and renamed fields, wrong types, NaN, infinities, 1e400,
// negatives, huge texts, truncated JSON, __proto__. Ends with 1 when one crashed a reader, told something unsound, vanished
// without being counted, or did harm to the good payload behind it. Usage: pnpm campaign payloads
import { runPayloadMutations } from '../packages/data/src/feeds/testing/payload-mutations.ts';
import { type FeedVenue, venueFeeds } from '../packages/data/src/feeds/venue-feeds.ts';

const cases = 10_000;
const rows = (Object.keys(venueFeeds) as FeedVenue[]).map((venue) => {
  const startedAtMs = performance.now();
  const result = runPayloadMutations({ venue, seed: 'campaign', cases });
  return { venue, ...result, ms: Math.round(performance.now() - startedAtMs) };
});
console.table(rows);
const failed = rows.filter(({ crashes, unsound, vanished, goodLost }) => crashes + unsound + vanished + goodLost > 0);
for (const { venue } of failed) console.log(`${venue} did not hold`);
if (failed.length > 0) process.exitCode = 1;
