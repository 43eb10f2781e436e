import { escapeHtml } from './escape-html.ts';

/** What a chart shows. */
export interface LineChart {
  readonly title: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
  /** How a value reads. */
  readonly format: (value: number) => string;
  /** Fills the area between the line and zero. Default false. */
  readonly filled?: boolean;
}

const width = 960;
const height = 240;
const margin = { left: 90, right: 12, top: 12, bottom: 24 };

/** An SVG drawing of a line over time, with its extremes on the axes and a text that says them. */
export function lineChart({ title, points, format, filled = false }: LineChart): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '<p>There is nothing to draw.</p>';
  let low = filled ? 0 : first.value;
  let high = low;
  for (const { value } of points) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const spanMs = Math.max(1, last.atMs - first.atMs);
  const range = high - low || 1;
  const x = (atMs: number): string =>
    (margin.left + ((atMs - first.atMs) / spanMs) * (width - margin.left - margin.right)).toFixed(1);
  const y = (value: number): string =>
    (margin.top + ((high - value) / range) * (height - margin.top - margin.bottom)).toFixed(1);
  const line = points.map(({ atMs, value }, index) => `${index === 0 ? 'M' : 'L'}${x(atMs)} ${y(value)}`).join('');
  const area = filled ? `<path class="area" d="${line}L${x(last.atMs)} ${y(0)}L${x(first.atMs)} ${y(0)}Z"/>` : '';
  const label = `${title}: from ${format(first.value)} to ${format(last.value)}, lowest ${format(low)}, highest ${format(high)}`;
  const levels = [...new Set([high, low])].map(
    (value) =>
      `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text x="${margin.left - 6}" y="${y(value)}" text-anchor="end" dominant-baseline="middle">${escapeHtml(format(value))}</text>`,
  );
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">`,
    ...levels,
    `<text x="${margin.left}" y="${height - 6}">${dayOf(first.atMs)}</text>`,
    `<text x="${width - margin.right}" y="${height - 6}" text-anchor="end">${dayOf(last.atMs)}</text>`,
    area,
    `<path class="line" d="${line}"/>`,
    '</svg>',
  ].join('');
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
