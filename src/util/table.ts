/** One column of a text table; numbers read best aligned to the right. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Never cut below this many characters when the table is too wide; 8 when absent. */
  readonly least?: number;
}

const GAP = '  ';

/**
 * Rows as aligned text, one line each, titles first, every line ended by a newline. With a `width` the widest columns
 * are cut (`…`) until lines fit; without one (a file, a pipe) nothing is ever cut. Control characters are made visible,
 * because names come from logs and must not drive the reader's terminal.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width?: number,
): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(visible))];
  const widths = columns.map((_, i) => cells.reduce((most, row) => Math.max(most, length(row[i] ?? '')), 0));
  if (width !== undefined) shrink(columns, widths, width);
  const lines = cells.map((row) => columns.map((column, i) => pad(row[i] ?? '', widths[i] ?? 0, column.align)));
  return lines.map((line) => `${line.join(GAP).trimEnd()}\n`).join('');
}

/** Text with control characters replaced, so that it can be printed on a terminal. */
export function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{FFFD}');
}

function length(text: string): number {
  return [...text].length;
}

/** Takes one character at a time from the widest column that may still shrink: fair, and the order is total. */
function shrink(columns: readonly TableColumn[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, w) => sum + w, GAP.length * (widths.length - 1)) - width;
  for (; excess > 0; excess -= 1) {
    let widest = -1;
    widths.forEach((w, i) => {
      if (w > (columns[i]?.least ?? 8) && w > (widths[widest] ?? 0)) widest = i;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const size = length(text);
  if (size > width) return `${[...text].slice(0, width - 1).join('')}…`;
  const space = ' '.repeat(width - size);
  return align === 'right' ? space + text : text + space;
}
