// Writes ../fused. Run after every change of a `steady…` function or of the fused sets, from the repository's root:
// node --conditions=@perpdesk/source packages/data/src/pipeline/generator/write-updates.ts && pnpm format
import { writeFileSync } from 'node:fs';
import { fusedFile, fusedSets } from './fused-sets.ts';
import { generateUpdate } from './generate-update.ts';

const indicators = new URL('../../indicators/', import.meta.url);
for (const set of fusedSets) writeFileSync(fusedFile(set), generateUpdate(set, indicators));
