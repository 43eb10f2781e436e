import type { PredictionDiscovery } from '@perpdesk/core';
import { usePredictions } from '@perpdesk/react';
import { showDate, showPercent, tone } from './format.ts';
import { Condition, Panel } from './panel.tsx';

const heads: readonly (readonly [string, string])[] = [
  ['Question', ''],
  ['Market', 'number'],
  ['Pooled', 'number'],
  ['Edge', 'number'],
  ['Cheap', ''],
  ['Confidence', 'number'],
  ['Closes', 'number'],
];

/** Prediction markets that stand out: what each pays for YES, what Plop makes of it, and how much that rests on. Not there while none does. */
export function PredictionsPanel() {
  const predictions = usePredictions();
  const { data = [], status, stale } = predictions;
  if (data.length === 0 && status !== 'failed') return null;
  return (
    <Panel title="Prediction markets" className="predictions" scroll stale={stale}>
      <Condition of={predictions} name="Prediction markets" />
      {data.length > 0 && (
        <table className={stale ? 'stale' : ''}>
          <thead>
            <tr>
              {heads.map(([head, className]) => (
                <th key={head} scope="col" className={className}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.map((discovery) => (
              <Row key={discovery.assessment.contractId} discovery={discovery} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Row({ discovery: { question, assessment } }: { readonly discovery: PredictionDiscovery }) {
  const { venue, mid, probability, edge, side, confidence, closesAtMs, source, reasoning } = assessment;
  return (
    <tr data-testid="prediction">
      <th scope="row" title={reasoning}>
        {question} <span className="badge">{venue}</span> <span className="badge">{source}</span>
      </th>
      <td className="number">{showPercent(mid, 1)}</td>
      <td className="number">{showPercent(probability, 1)}</td>
      <td className={`number ${tone(edge)}`}>
        {edge < 0 ? '−' : '+'}
        {(Math.abs(edge) * 100).toFixed(1)} pts
      </td>
      <td>{side === 'none' ? 'neither' : side.toUpperCase()}</td>
      <td className="number">{showPercent(confidence)}</td>
      <td className="number">
        <time dateTime={new Date(closesAtMs).toISOString()}>{showDate(closesAtMs)}</time>
      </td>
    </tr>
  );
}
