import type { JsonValue } from '@perpdesk/core';
import type { Difference, ParityReport } from './parity-report.ts';

/** Options of {@link renderParity}. */
export interface RenderParityOptions {
  /** What the sides are called. Default `left` and `right`. */
  readonly left?: string;
  readonly right?: string;
  /** How many roots are shown, and how many consequences of each. Default 50 and 5. */
  readonly roots?: number;
  readonly consequences?: number;
}

/** A parity report as text for a terminal: what agrees by subject, then each root with what follows from it. */
export function renderParity(report: ParityReport, options: RenderParityOptions = {}): string {
  const { left = 'left', right = 'right', roots = 50, consequences = 5 } = options;
  const counts = Object.entries(report.counts).map(([subject, count]) =>
    [subject, count.left, count.right, count.same].map(String),
  );
  const lines = table([['', left, right, 'same'], ...counts]);
  const accounting = Object.entries(Object.groupBy(report.accounting, ({ subject }) => subject)).map(
    ([subject, of = []]) => `${subject} ${of.length}`,
  );
  if (report.roots.length === 0) {
    const but = accounting.length === 0 ? '' : ` but how the venues reckon (${accounting.join(', ')})`;
    return [...lines, '', `No difference${but}.`].join('\n');
  }
  const shown = report.roots.slice(0, roots).flatMap((root) => {
    const followed = root.consequences.slice(0, consequences).map((each) => `    then ${one(each)}`);
    const more = root.consequences.length - followed.length;
    return [
      `${root.cause.padEnd(12)} ${one(root)}`,
      `    ${root.detail}`,
      ...root.changes.slice(0, 4).map(({ path, ...values }) => {
        return `    ${path === '' ? 'all' : path}: ${left} ${brief(values.left)}, ${right} ${brief(values.right)}`;
      }),
      ...followed,
      ...(more > 0 ? [`    … and ${more} more that follow`] : []),
    ];
  });
  const more = report.roots.length - roots;
  return [
    ...lines,
    '',
    ...shown,
    ...(more > 0 ? [`… and ${more} more`] : []),
    ...(accounting.length > 0 ? ['', `Told in other terms, and the same: ${accounting.join(', ')}.`] : []),
    '',
    `${report.roots.length} roots (${causes(report)}), ${report.unexplained} unexplained.`,
  ].join('\n');
}

const causes = ({ causes: of }: ParityReport): string =>
  Object.entries(of)
    .map(([cause, count]) => `${cause} ${count}`)
    .join(', ');

const one = ({ atMs, subject, id, kind, latency }: Difference): string =>
  `${new Date(atMs).toISOString()} ${subject} ${id} ${kind}${latency === undefined ? '' : ` (${latency} the latency bound)`}`;

function brief(value: JsonValue | undefined): string {
  const text = value === undefined ? '—' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}
