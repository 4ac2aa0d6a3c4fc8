import { describe, expect, it } from 'vitest';
import { formatTable } from '../../src/util/table.ts';

const COLUMNS = [{ title: 'NAME' }, { title: 'FLOWS', align: 'right' }] as const;

describe('text tables', () => {
  it('align columns, numbers to the right, without trailing blanks', () => {
    expect(
      formatTable(COLUMNS, [
        ['shop/cart', '5'],
        ['x', '1,204'],
      ]),
    ).toBe('NAME       FLOWS\nshop/cart      5\nx          1,204\n');
  });

  it('cut the widest column to the width of a terminal, and nothing without one', () => {
    const rows = [['a-very-long-name-of-a-workload', '5']];
    const cut = formatTable(COLUMNS, rows, 20);
    expect(cut.split('\n').every((line) => line.length <= 20)).toBe(true);
    expect(cut).toContain('…');
    expect(formatTable(COLUMNS, rows)).toContain('a-very-long-name-of-a-workload');
  });

  it('never let a name from a log drive the terminal', () => {
    expect(formatTable(COLUMNS, [['\u001b[31mred\n', '1']])).toContain('\u{FFFD}[31mred\u{FFFD}');
  });
});
