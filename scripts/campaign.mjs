// Runs campaigns/*.campaign.ts: the long form of what `npm test` samples (thousands of seeded faults, a day of simulated
// markets). Each is a program that prints its own table and ends with 1 when something did not hold. `PERPDESK_FIXTURES` or
// ../shared/fixtures gives the recorded data that some of them need.
import { runPrograms } from './workspace/programs.mjs';

runPrograms({ folder: 'campaigns', suffix: '.campaign.ts', words: process.argv.slice(2), kind: 'campaign' });
