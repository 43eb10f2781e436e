import type { MarketId } from '@perpdesk/core';
import type { RoundRecord } from '@perpdesk/core/api';
import { useOpinions, useRounds } from '@perpdesk/react';
import { showClock, showPercent } from './format.ts';
import { Empty, Panel } from './panel.tsx';

const reasons: Record<string, string> = {
  'insufficient-history': 'not enough history yet',
  'too-few-agents': 'fewer than two agents present',
  'too-few-votes': 'fewer than two votes on one side',
  tie: 'the sides tie',
  disagreement: 'too much disagreement',
  'low-confidence': 'confidence below 60 %',
  geometry: 'no sound levels',
  basis: 'venues too far apart',
  'stale-market-data': 'prices are stale',
  'catalyst-pause': 'paused around a catalyst',
  deadline: 'out of time',
};
const arrow = { long: '▲', short: '▼', neutral: '■' } as const;
const toneOf = { long: 'gain', short: 'loss', neutral: 'muted' } as const;

/** The agents' views of a market, lane by lane, and its latest rounds with how each ended. */
export function WarRoomPanel({ market }: { readonly market: MarketId | undefined }) {
  const opinions = useOpinions().data?.filter((opinion) => opinion.market === market) ?? [];
  const rounds = useRounds().data ?? [];
  const own = rounds.filter((round) => round.round.market === market);
  const shown = own.length > 0 ? own : rounds;
  return (
    <Panel title={`War Room${market ? ` · ${market}` : ''}`} className="scroll war-room">
      <h3>Opinions</h3>
      {opinions.length === 0 && (
        <Empty>
          The agents speak at their candle closes; the first opinions come within minutes of the desk's clock.
        </Empty>
      )}
      <div className="lanes">
        {opinions.map((opinion) => (
          <article key={opinion.agent} className={`lane agent-${opinion.agent}`} data-testid="opinion">
            <header>
              <strong>{opinion.agent}</strong>
              <span className={toneOf[opinion.direction]}>
                {arrow[opinion.direction]} {opinion.direction} {showPercent(opinion.confidence)}
              </span>
              <span className="badge">{opinion.source}</span>
              <time>{showClock(opinion.atMs)}</time>
            </header>
            <meter min={-100} max={100} value={opinion.score} aria-label={`score ${opinion.score.toFixed(0)}`} />
            <p>{opinion.reasoning}</p>
          </article>
        ))}
      </div>
      <h3>Rounds</h3>
      {shown.length === 0 && <Empty>A round is held at every 15-minute close of the desk's clock.</Empty>}
      {shown.slice(0, 8).map((record) => (
        <RoundCard key={record.round.key} record={record} />
      ))}
    </Panel>
  );
}

function RoundCard({ record }: { readonly record: RoundRecord }) {
  const { round, turns, consensus, outcome, reason } = record;
  return (
    <details className={`round ${outcome ?? 'running'}`} data-testid="round">
      <summary>
        <time>{showClock(round.closeAtMs)}</time> <strong>{round.market}</strong>{' '}
        {outcome === undefined && <span className="badge">in session</span>}
        {outcome === 'published' && consensus && (
          <span className={consensus.direction === 'neutral' ? '' : toneOf[consensus.direction]}>
            {arrow[consensus.direction]} plan published, {showPercent(consensus.confidence)}
          </span>
        )}
        {outcome === 'stood-aside' && <span className="muted">stood aside: {reasons[reason ?? ''] ?? reason}</span>}
      </summary>
      <ol className="turns">
        {turns.map((turn) => (
          <li key={turn.index} className={`agent-${turn.agent}`}>
            <strong>{turn.agent}</strong>{' '}
            <span className={toneOf[turn.direction]}>
              {arrow[turn.direction]} {turn.direction} {showPercent(turn.confidence)}
            </span>
            <p>{turn.reasoning}</p>
            {turn.handoff && (
              <p className="muted">
                hands off to {turn.handoff.to}: {turn.handoff.reason}
              </p>
            )}
          </li>
        ))}
      </ol>
      {consensus && (
        <dl className="terms">
          <dt>base</dt>
          <dd>{showPercent(consensus.base, 1)}</dd>
          <dt>disagreement</dt>
          <dd>{showPercent(consensus.disagreement, 1)}</dd>
          <dt>missing</dt>
          <dd>{consensus.missing.join(', ') || 'none'}</dd>
          <dt>stale</dt>
          <dd>{consensus.stale.join(', ') || 'none'}</dd>
          <dt>result</dt>
          <dd>{showPercent(consensus.confidence, 1)}</dd>
        </dl>
      )}
    </details>
  );
}
