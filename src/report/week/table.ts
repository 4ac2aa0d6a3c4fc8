import { formatTable, visible } from '../../util/table.ts';
import { thousands } from '../../util/thousands.ts';
import { minute } from '../times.ts';
import { weekHeadline } from './headline.ts';
import { type Section, weekSections } from './sections.ts';
import type { WeekReport } from './week.ts';

/** The report for a terminal: headline, then the sections that have something to show. */
export function weekTable(report: WeekReport, width?: number): string {
  const { from, to } = report.window;
  const head = [`REPORT ${minute(from)} – ${minute(to)} UTC`, ...weekHeadline(report).map((line) => `  ${line}`), ''];
  return (
    head.join('\n') +
    weekSections(report)
      .map((section) => sectionText(section, width))
      .join('')
  );
}

function sectionText({ title, lead, columns, rows, why }: Section, width: number | undefined): string {
  const heading = `\n${title.toUpperCase()}${rows.length > 0 ? ` (${thousands(rows.length)})` : ''}\n  ${lead}\n`;
  if (rows.length === 0) return heading;
  const upper = columns.map((column) => ({ ...column, title: column.title.toUpperCase() }));
  const table = formatTable(upper, rows, width === undefined ? undefined : width - 2);
  const lines = table.trimEnd().split('\n');
  const reason = (i: number) => (why && i > 0 ? `      ${visible(why[i - 1] ?? '')}\n` : '');
  return heading + lines.map((line, i) => `  ${line}\n${reason(i)}`).join('');
}
