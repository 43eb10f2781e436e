import { updateDesk } from './fused/update-desk.ts';
import { updateNineIndicators } from './fused/update-nine-indicators.ts';
import { updateNineValues } from './fused/update-nine-values.ts';
import type { FusedUpdate } from './fused-update.ts';

/** The updates of usual sets of indicators as one function each, those of most indicators first. */
export const fusedUpdates: readonly FusedUpdate[] = [updateDesk, updateNineIndicators, updateNineValues];
