import type { DomainEvent } from '@perpdesk/core';
import type { Way } from '@perpdesk/execution';
import { runBacktest } from '@perpdesk/execution/backtest';
import { backtestDesk } from '../backtest-desk.ts';
import { allTypes } from '../feed-types.ts';
import { type RecordedDay, until } from './recorded-day.ts';
import { type RunParityOptions, runAgain } from './run-parity.ts';

/** A recorded run as it was. */
export const recordedWay = ({ journal }: RecordedDay): Way => ({ name: 'recorded', journal });

/** A recorded run again, through the desk of the product on its paper venue. */
export const replayWay = async (day: RecordedDay, options: RunParityOptions): Promise<Way> => ({
  name: `replay at ${options.speed}`,
  journal: await runAgain(day, options),
});

/** A recorded run again, through the backtest. Of a run of its tier and autonomy, without acts of the user. */
export async function backtestWay(day: RecordedDay): Promise<Way> {
  const journal: DomainEvent[] = [];
  const make = backtestDesk({ source: () => day.source });
  await runBacktest({
    createServices: (context) => {
      context.eventBus.subscribe({ group: 'parity', types: allTypes }, (event) => void journal.push(event));
      return make(context);
    },
  });
  return { name: 'backtest', journal: until(journal, day.endMs) };
}
