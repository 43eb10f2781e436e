import { VenueError } from '@perpdesk/core';
import type { AccountSession } from './account-session.ts';
import { type ConnectionProblem, type ConnectionReport, failedConnection } from './connection-report.ts';
import type { KeyReport, VenueAdapter } from './venue-adapter.ts';

/**
 * Tests keys of a user at a venue: that they are whole and taken, can trade, can not withdraw where the venue tells, and that
 * the account is in one-way mode. `open` gives a connection with them, which is closed after.
 * @throws VenueError `venue.unreachable`, `venue.rate-limited` when the venue can not be asked
 */
export async function testCredentials(
  adapter: VenueAdapter,
  secrets: Readonly<Record<string, string>>,
  open: () => Promise<AccountSession>,
): Promise<ConnectionReport> {
  const missing = adapter.secrets.filter((name) => (secrets[name] ?? '') === '');
  if (missing.length > 0)
    return failedConnection({ code: 'credentials.incomplete', message: `${missing.join(', ')} is missing.` });
  const session = await open();
  try {
    const report = await adapter.fetchKeyReport(session.in('account'), secrets);
    const problems = problemsOf(report);
    const canWithdraw = report.canWithdraw === undefined ? 'unknown' : report.canWithdraw ? 'yes' : 'no';
    return { ok: problems.length === 0, problems, canWithdraw };
  } catch (error) {
    if (!VenueError.is(error) || error.code !== 'venue.refused') throw error;
    return failedConnection({ code: 'credentials.refused', message: error.message });
  } finally {
    await session.client.close();
  }
}

function problemsOf({ canTrade, canWithdraw, hedgeMode }: KeyReport): readonly ConnectionProblem[] {
  const problems: ConnectionProblem[] = [];
  if (canWithdraw)
    problems.push({ code: 'credentials.can-withdraw', message: 'The key may withdraw; make one that may only trade.' });
  if (canTrade === false) problems.push({ code: 'credentials.can-not-trade', message: 'The key may not trade.' });
  if (hedgeMode)
    problems.push({
      code: 'hedge-mode.unsupported',
      message: 'The account is in hedge mode; set it to one-way mode.',
    });
  return problems;
}
