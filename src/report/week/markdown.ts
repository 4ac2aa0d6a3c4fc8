import { thousands } from '../../util/thousands.ts';
import { day } from '../times.ts';
import { weekHeadline } from './headline.ts';
import { type Section, weekSections } from './sections.ts';
import type { WeekReport } from './week.ts';

/** Rows of one section before the rest is only counted; the JSON lists all. */
const MOST_ROWS = 100;

/** The report as Markdown: a first screen for whoever decides, then the details for whoever acts. */
export function weekMarkdown(report: WeekReport): string {
  const { window, edges, flows, workloads, policies, summary } = report;
  const counts = [
    [
      'Edges',
      'Flows',
      'Workloads',
      'Policies',
      'Would be denied',
      'Denied though allowed',
      'Denied',
      'Allowed',
      'Uncertain',
    ],
    [
      edges,
      flows,
      workloads,
      policies,
      summary.escaped,
      summary.misdropped,
      summary.rejected,
      summary.permitted,
      summary.uncertain,
    ].map(thousands),
  ];
  const [titles = [], values = []] = counts;
  return [
    `# Least-privilege report, ${day(window.from)} to ${day(window.to)} (UTC)`,
    '',
    ...weekHeadline(report).map((line) => `- ${escapeText(line)}`),
    '',
    row(titles),
    row(titles.map(() => '---:')),
    row(values),
    '',
    ...weekSections(report).flatMap(sectionLines),
  ].join('\n');
}

function sectionLines({ title, lead, columns, rows, why }: Section): string[] {
  const heading = [`## ${title}`, '', escapeText(lead), ''];
  if (rows.length === 0) return heading;
  const rest =
    rows.length > MOST_ROWS ? [`… and ${thousands(rows.length - MOST_ROWS)} more: \`-o json\` lists all.`, ''] : [];
  return [
    ...heading,
    row([...columns.map((column) => column.title), ...(why ? ['Why'] : [])]),
    row([...columns.map((column) => (column.align === 'right' ? '---:' : '---')), ...(why ? ['---'] : [])]),
    ...rows.slice(0, MOST_ROWS).map((cells, i) => row([...cells, ...(why ? [why[i] ?? ''] : [])].map(escapeText))),
    '',
    ...rest,
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Names come from logs: nothing in them may become markup or break the table. */
function escapeText(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').replace(/[\\`*_[\]<>|#]/g, '\\$&');
}
