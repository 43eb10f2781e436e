import type { SkillRow } from './skill-report.ts';

const percent = (value: number | undefined): string => (value === undefined ? '' : `${(100 * value).toFixed(1)} %`);
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)} %`;
const error = (value: number): string => value.toFixed(4);

const columns: readonly (readonly [title: string, cell: (row: SkillRow) => string])[] = [
  ['agent', ({ agent }) => agent],
  ['ahead', ({ bars, timeframe }) => `${bars} × ${timeframe}`],
  ['regime', ({ regime }) => regime ?? 'all'],
  ['views', ({ views }) => String(views)],
  ['directional', ({ directional }) => percent(directional)],
  ['right way', ({ rightWay }) => percent(rightWay)],
  ['hits', ({ agentItself }) => percent(agentItself.hitRate)],
  ['hits: neutral', ({ alwaysNeutral }) => percent(alwaysNeutral.hitRate)],
  ['hits: last move', ({ lastMove }) => percent(lastMove.hitRate)],
  ['Brier', ({ agentItself }) => error(agentItself.brier)],
  ['Brier: last move', ({ lastMove }) => error(lastMove.brier)],
  ['Brier: base rates', ({ baseRate }) => error(baseRate.brier)],
  ['skill', ({ skill }) => signed(skill)],
  [
    'skill, recalibrated (95 %)',
    ({ recalibratedSkill, recalibratedInterval: interval, days }) =>
      `${signed(recalibratedSkill)} (${interval === undefined ? `${days} days` : interval.map(signed).join(' to ')})`,
  ],
];

/** Rows as a table of Markdown. */
export function renderSkill(rows: readonly SkillRow[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([title]) => title)),
    line(columns.map((_, index) => (index < 3 ? '---' : '---:'))),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join('\n');
}
