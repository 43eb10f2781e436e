// Writes ../checks.ts from the zod schemas. Run after every change of a checked schema, from the repository's root:
// node --conditions=@perpdesk/source packages/core/src/validation/generator/write-checks.ts && pnpm format
import { writeFileSync } from 'node:fs';
import { checkedSchemas } from './checked-schemas.ts';
import { generateChecks } from './generate-checks.ts';

writeFileSync(new URL('../checks.ts', import.meta.url), generateChecks(checkedSchemas));
