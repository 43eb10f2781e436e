import type { MacroEvent, MacroRelease } from '../domain/macro.ts';

/** The economic calendar as of the clock. */
export interface MacroView {
  /** Events due within the window, soonest first. */
  upcoming(windowMs: number): readonly MacroEvent[];
  /** Events whose time passed within the window and whose figure is not out, the latest first; none older than a day. */
  overdue(windowMs: number): readonly MacroEvent[];
  /** Figures published within the window, newest first. */
  released(windowMs: number): readonly MacroRelease[];
}
