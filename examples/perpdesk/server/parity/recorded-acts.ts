import { existsSync, readFileSync } from 'node:fs';
import type { ClockPlace, Logger } from '@perpdesk/core';
import type { ServedDesk } from '../http/served-desk.ts';
import type { DeskActions } from '../intelligence/desk-actions.ts';
import type { DayRecorder, RecordedAct } from './day-recorder.ts';

/** What approved proposals of a chat are done by. */
type ChatActs = Pick<DeskActions, 'carryOut'>;

/** What a user acts through. What a chat's proposals come to is recorded where it is done, once approved: see {@link recordedActions}. */
export type DeskActs = Pick<ServedDesk, 'trades' | 'closer' | 'killSwitch'> & { readonly actions: ChatActs };

/** The acts of approved proposals, each done at a place between the desk's steps, and written down before. */
export const recordedActions = (actions: ChatActs, recorder: DayRecorder): ChatActs => ({
  carryOut: (...args) => recorder.act('carry-out', args, () => actions.carryOut(...args)),
});

/** The acts of a desk, each done at a place between its steps, and written down before. */
export function recordedActs(acts: Omit<DeskActs, 'actions'>, recorder: DayRecorder): Omit<DeskActs, 'actions'> {
  const { trades, closer, killSwitch } = acts;
  const record =
    <Args extends readonly unknown[], Result>(act: RecordedAct['act'], run: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> =>
      recorder.act(act, args, () => run(...args));
  return {
    trades: {
      fetchApprovals: (userId) => trades.fetchApprovals(userId),
      approve: record('approve', (...args) => trades.approve(...args)),
      decline: record('decline', (...args) => trades.decline(...args)),
    },
    closer: { close: record('close', (...args) => closer.close(...args)) },
    killSwitch: {
      trip: record('trip', (...args) => killSwitch.trip(...args)),
      flatten: record('flatten', (...args) => killSwitch.flatten(...args)),
    },
  };
}

/** The acts of a recorded run, oldest first. */
export const readActs = (file: string): readonly RecordedAct[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as RecordedAct]))
    : [];

/** What of a simulated clock acts are done by. */
export interface ActClock {
  visit(act: () => Promise<void>, place: ClockPlace): Promise<void>;
}

/** Does again what the user of a recorded run did, each act at the place at which it was done. */
export class ActReplay {
  readonly #waiting: RecordedAct[];
  readonly #acts: DeskActs;
  readonly #clock: ActClock;
  readonly #logger: Logger;
  #steps = 0;

  constructor(options: {
    readonly recorded: readonly RecordedAct[];
    readonly acts: DeskActs;
    readonly clock: ActClock;
    readonly logger: Logger;
  }) {
    this.#waiting = [...options.recorded];
    this.#acts = options.acts;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Called after each step that was played. */
  stepped(): void {
    this.#steps += 1;
    this.due();
  }

  /** Arms what was done before the next step: the clock lets it in when it comes to its place. */
  due(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const act = next;
      void this.#clock.visit(() => this.#do(act), act);
    }
  }

  #next(): RecordedAct | undefined {
    const [next] = this.#waiting;
    return next === undefined || next.afterSteps > this.#steps ? undefined : this.#waiting.shift();
  }

  /** An act that is refused now was perhaps refused then: what it changed shows in the journal. */
  async #do({ act, args }: RecordedAct): Promise<void> {
    try {
      await this.#call(act, args);
    } catch (error) {
      this.#logger.warn({ error, act }, 'an act of the user was refused');
    }
  }

  #call(act: RecordedAct['act'], args: readonly unknown[]): Promise<unknown> {
    const { actions, trades, closer, killSwitch } = this.#acts;
    switch (act) {
      case 'approve':
        return trades.approve(...(args as Parameters<typeof trades.approve>));
      case 'decline':
        return trades.decline(...(args as Parameters<typeof trades.decline>));
      case 'close':
        return closer.close(...(args as Parameters<typeof closer.close>));
      case 'trip':
        return killSwitch.trip(...(args as Parameters<typeof killSwitch.trip>));
      case 'carry-out':
        return actions.carryOut(...(args as Parameters<typeof actions.carryOut>));
      case 'flatten':
        return killSwitch.flatten(...(args as Parameters<typeof killSwitch.flatten>));
    }
  }
}
