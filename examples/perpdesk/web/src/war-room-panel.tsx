import type { HandoffKind, MarketId, Opinion, StandAsideReason, Turn } from '@perpdesk/core';
import type { AgentRecord, RoundRecord } from '@perpdesk/core/api';
import { useOpinions, useRounds, useTrackRecords } from '@perpdesk/react';
import { directionText, directionTone, showMinute, showPercent } from './format.ts';
import { Condition, Empty, Panel } from './panel.tsx';

const reasons: Record<StandAsideReason, string> = {
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
const handoffs: Record<HandoffKind, string> = {
  disagreement: 'they disagree',
  'missing-evidence': 'it named no evidence',
  extreme: 'its view is extreme',
};
/** The agents in the order they speak. */
const lanes = ['vanta', 'luma', 'meridian'];
const place = (agent: string): number => (lanes.indexOf(agent) + lanes.length + 1) % (lanes.length + 1);

/** The agents' views of a market, lane by lane, and its latest rounds with how each ended. */
export function WarRoomPanel({ market }: { readonly market: MarketId | undefined }) {
  const opinions = useOpinions();
  const rounds = useRounds();
  const records = useTrackRecords().data ?? [];
  const views = (opinions.data ?? [])
    .filter((opinion) => opinion.market === market)
    .sort((a, b) => place(a.agent) - place(b.agent) || a.agent.localeCompare(b.agent));
  const held = (rounds.data ?? []).filter(({ round }) => round.market === market).slice(0, 8);
  // The newest debate is there to read without a click.
  const open = held.find(({ turns }) => turns.length > 0);
  return (
    <Panel
      title={`War Room${market ? ` · ${market}` : ''}`}
      className="war-room"
      scroll
      stale={opinions.stale || rounds.stale}
    >
      <Condition of={opinions} name="Opinions" />
      {opinions.data && views.length === 0 && (
        <Empty>
          The agents speak at their candle closes; the first opinions come within minutes of the desk’s clock.
        </Empty>
      )}
      <div className="lanes">
        {views.map((opinion) => (
          <Lane
            key={opinion.agent}
            opinion={opinion}
            record={records.find((record) => record.agent === opinion.agent)}
          />
        ))}
      </div>
      <h3>Rounds</h3>
      <Condition of={rounds} name="Rounds" />
      {rounds.data && held.length === 0 && <Empty>A round is held at every 15-minute close of the desk’s clock.</Empty>}
      {held.map((record) => (
        <RoundCard key={record.round.key} record={record} open={record === open} />
      ))}
    </Panel>
  );
}

function Lane({ opinion, record }: { readonly opinion: Opinion; readonly record: AgentRecord | undefined }) {
  const { agent, direction, score, confidence, source, atMs, reasoning } = opinion;
  const share = Math.abs(score) / 2;
  return (
    <article className={`lane agent-${agent}`} data-testid="opinion">
      <header>
        <strong>{agent}</strong>
        <span className={directionTone[direction]}>{directionText[direction]}</span>
        <Confidence share={confidence} />
        <span className="badge" title={source === 'rules' ? 'by the agent’s own rules' : 'by a language model'}>
          {source}
        </span>
        <time dateTime={new Date(atMs).toISOString()}>{showMinute(atMs)}</time>
      </header>
      <div className="score">
        <div className="score-bar" aria-hidden="true">
          <span
            className={`score-fill ${score < 0 ? 'short' : 'long'}`}
            style={score < 0 ? { right: '50%', width: `${share}%` } : { left: '50%', width: `${share}%` }}
          />
        </div>
        <span className="number">
          <span className="hidden">score </span>
          {score > 0 ? '+' : score < 0 ? '−' : ''}
          {Math.abs(score).toFixed(0)}
        </span>
      </div>
      <p>{reasoning}</p>
      {record && <Record record={record} />}
    </article>
  );
}

/** How well an agent did so far: a skill above 0 knew more than the base rate. */
function Record({ record: { scored, hitRate, skill } }: { readonly record: AgentRecord }) {
  return (
    <p className="record" data-testid="record">
      {Math.round(scored)} scored, hit rate {showPercent(hitRate)}, skill {skill < 0 ? '−' : '+'}
      {Math.abs(skill).toFixed(2)}
    </p>
  );
}

function Confidence({ share }: { readonly share: number }) {
  return (
    <span className="muted">
      <span className="hidden">confidence </span>
      {showPercent(share)}
    </span>
  );
}

function RoundCard({ record, open }: { readonly record: RoundRecord; readonly open: boolean }) {
  const { round, turns, consensus, outcome, reason, degraded = [] } = record;
  const terms: readonly (readonly [string, string])[] =
    consensus === undefined
      ? []
      : [
          ['base', showPercent(consensus.base, 1)],
          ['disagreement', showPercent(consensus.disagreement, 1)],
          ['missing', consensus.missing.join(', ') || 'none'],
          ['stale', consensus.stale.join(', ') || 'none'],
          ['result', showPercent(consensus.confidence, 1)],
        ];
  return (
    <details className={`round ${outcome ?? 'running'}`} open={open} data-testid="round">
      <summary>
        <time dateTime={new Date(round.closeAtMs).toISOString()}>{showMinute(round.closeAtMs)}</time>{' '}
        {outcome === undefined && <span className="badge">in session</span>}
        {outcome === 'published' && consensus && (
          <strong className={directionTone[consensus.direction]}>
            {directionText[consensus.direction]}, plan published, {showPercent(consensus.confidence)}
          </strong>
        )}
        {outcome === 'stood-aside' && (
          <span className="muted">stood aside{reason === undefined ? '' : `: ${reasons[reason]}`}</span>
        )}
      </summary>
      <ol>
        {turns.map((turn) => (
          <TurnLane key={turn.index} turn={turn} />
        ))}
      </ol>
      {degraded.length > 0 && (
        <p className="degraded">
          Did not work as meant, and was spoken for by rules:{' '}
          {degraded.map(({ agent, code }) => `${agent} (${code})`).join(', ')}
        </p>
      )}
      {terms.length > 0 && (
        <dl className="terms">
          {terms.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </details>
  );
}

function TurnLane({ turn }: { readonly turn: Turn }) {
  const { agent, direction, confidence, reasoning, handoff, role } = turn;
  return (
    <li className={`lane agent-${agent}`}>
      <header>
        <strong>{agent}</strong>
        {role === 'devils-advocate' && <span className="badge">devil’s advocate, no vote</span>}
        <span className={directionTone[direction]}>{directionText[direction]}</span>
        {role === 'devils-advocate' ? (
          <span className="muted">strength {showPercent(confidence)}</span>
        ) : (
          <Confidence share={confidence} />
        )}
      </header>
      <p>{reasoning}</p>
      {handoff && (
        <p>
          → asks {handoff.to} again, because {handoffs[handoff.kind]}: {handoff.reason}
        </p>
      )}
    </li>
  );
}
