import type { BacktestReport, ReportTrade } from './backtest-report.ts';
import { escapeHtml } from './escape-html.ts';
import { lineChart } from './line-chart.ts';

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6470; --line: #2563eb; --fall: #b45309; --rule: #d5d9df; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --soft: #9aa4b1; --line: #7aa7ff; --fall: #f0a860; --rule: #353b44; --page: #14171b } }
body { font: 14px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1000px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin-bottom: 0 } h2 { font-size: 1rem; margin-top: 2rem } p, th, text { color: var(--soft) }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: .6rem } dt { color: var(--soft) } dd { margin: 0; font-weight: 600 }
table { border-collapse: collapse; width: 100% } th, td { padding: .2rem .5rem; border-bottom: 1px solid var(--rule); text-align: right; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left } .scroll { overflow-x: auto }
svg { width: 100%; height: auto } svg text { font-size: 11px; fill: var(--soft) } .grid { stroke: var(--rule) }
.line { fill: none; stroke: var(--line); stroke-width: 1.5 } .area { fill: var(--fall); opacity: .25 } .falls .line { stroke: var(--fall) }
`;

/**
 * A report as one HTML page that needs nothing else: no script, no network, charts as inline SVG, light and dark. Every text
 * of the report is escaped.
 */
export function renderBacktestReport(report: BacktestReport): string {
  const { name, arithmetic, curve, months, trades, metrics, parameters = {} } = report;
  const settings = Object.entries(parameters).map(([key, value]) => `${key} = ${value}`);
  const about = [
    `${instant(report.fromMs)} to ${instant(report.toMs)} UTC.`,
    arithmetic === 'decimal' ? 'Amounts are exact.' : 'Reckoned in float64, for research.',
    ...(settings.length === 0 ? [] : [`${settings.join(', ')}.`]),
    ...(report.digest === undefined ? [] : [`Digest ${report.digest}.`]),
  ].join(' ');
  const shown = trades.length < metrics.trades ? ` (the last ${trades.length} of ${metrics.trades})` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(name)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(name)}</h1>
<p>${escapeHtml(about)}</p>
<dl>${figures(report)
    .map(([term, value]) => `<div><dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('')}</dl>
<h2>Equity</h2>
${lineChart({ title: 'Equity', points: curve.map(({ atMs, equity }) => ({ atMs, value: equity })), format: dollars })}
<h2>Drawdown</h2>
<div class="falls">${lineChart({
    title: 'Drawdown',
    points: curve.map(({ atMs, drawdown }) => ({ atMs, value: 0 - drawdown })),
    format: percent,
    filled: true,
  })}</div>
<h2>Monthly returns</h2>
${table(
  ['Month', 'Return'],
  months.map((each) => [each.month, signed(percent(each.return), each.return)]),
)}
${shuffledPart(report)}<h2>Trades${escapeHtml(shown)}</h2>
${table(['Opened', 'Closed', 'Side', 'Size', 'Entry', 'Exit', 'Result', 'Fees', 'Funding', 'Ended by'], trades.map(tradeRow))}
</body>
</html>
`;
}

function figures({ metrics, ...report }: BacktestReport): [string, string][] {
  const rows: [string, string | undefined][] = [
    ['Equity at the start', dollars(Number(report.equityStart))],
    ['Equity at the end', dollars(Number(report.equityEnd))],
    ['Profit before costs', dollars(Number(report.pnl))],
    ['Fees', dollars(Number(report.fees))],
    ['Funding received less paid', dollars(Number(report.funding))],
    ['Total return', optional(metrics.totalReturn, percent)],
    ['Growth a year (CAGR)', optional(metrics.compoundAnnualGrowth, percent)],
    ['Worst drawdown', optional(metrics.worstDrawdown?.fraction, percent)],
    ['Sharpe', optional(metrics.sharpeRatio, ratio)],
    ['Sortino', optional(metrics.sortinoRatio, ratio)],
    ['Calmar', optional(metrics.calmarRatio, ratio)],
    ['Trades', String(metrics.trades)],
    ['Win rate', optional(metrics.winRate, percent)],
    ['Profit factor', optional(metrics.profitFactor, ratio)],
    ['Average trade', optional(metrics.expectancy, dollars)],
    ['Time in the market', optional(metrics.exposure, percent)],
    ['Turnover a year', optional(metrics.turnoverPerYear, (value) => `${ratio(value)}×`)],
  ];
  return rows.map(([term, value]) => [term, value ?? '—']);
}

function shuffledPart({ shuffled }: BacktestReport): string {
  if (shuffled === undefined) return '';
  const { runs, maxDrawdown, equityEnd, ruined, asDeep } = shuffled;
  const rows = maxDrawdown.map(({ share, value }, index) => [
    percent(share),
    percent(value),
    dollars(equityEnd[index]?.value ?? Number.NaN),
  ]);
  return `<h2>Trades in other orders</h2>
<p>${runs} runs; ${escapeHtml(percent(asDeep))} had a drawdown as deep as this one, ${escapeHtml(percent(ruined))} lost all.</p>
${table(['Runs up to', 'Drawdown', 'Equity at the end'], rows)}
`;
}

function tradeRow(trade: ReportTrade): string[] {
  const net = Number(trade.netPnl);
  return [
    instant(trade.openedAtMs),
    instant(trade.closedAtMs),
    trade.instrumentId === undefined ? trade.direction : `${trade.direction} ${trade.instrumentId}`,
    significant(trade.size),
    significant(trade.entryPrice),
    significant(trade.exitPrice),
    signed(dollars(net), net),
    dollars(Number(trade.fees)),
    dollars(Number(trade.funding)),
    trade.reason,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table><thead>${cells('th', head)}</thead><tbody>${rows.map((row) => cells('td', row)).join('')}</tbody></table></div>`;
}

const optional = (value: number | undefined, format: (value: number) => string): string | undefined =>
  value === undefined ? undefined : format(value);
const instant = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
const dollars = (value: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
const ratio = (value: number): string => value.toFixed(2);
const significant = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 8 });
/** A gain says so by its sign, not by colour. */
const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text);
