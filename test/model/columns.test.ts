import { expect, test } from 'vitest';
import { columnNames, EDGE_COLUMNS, enumType, FLOW_COLUMNS } from '../../src/model/columns.ts';
import { OBSERVED_MEMBERS_LIMIT } from '../../src/model/edge.ts';
import { VANTAGES } from '../../src/model/enums.ts';

test('names are unique', () => {
  for (const columns of [FLOW_COLUMNS, EDGE_COLUMNS]) {
    const names = columnNames(columns);
    expect(new Set(names).size).toBe(names.length);
  }
});

test('columns of an endpoint stand together, so that an encoder can keep them as one piece', () => {
  const runs = FLOW_COLUMNS.map((column) => column.of).filter((of, at, all) => of !== all[at - 1]);
  expect(runs.filter((of) => of === 'client')).toHaveLength(1);
  expect(runs.filter((of) => of === 'server')).toHaveLength(1);
});

test('every measure of an edge is folded, every dimension is not', () => {
  for (const { role, type } of EDGE_COLUMNS)
    expect(type.startsWith('SimpleAggregateFunction')).toBe(role === 'measure');
});

test('an edge keeps one member more than readers show', () => {
  const pods = EDGE_COLUMNS.find(({ name }) => name === 'src_pods');
  expect(pods?.type).toContain(`groupUniqArrayArray(${OBSERVED_MEMBERS_LIMIT + 1})`);
});

test('closed sets are spelled as ClickHouse reports them', () => {
  expect(enumType(VANTAGES)).toBe("Enum8('unknown' = 0, 'src' = 1, 'dst' = 2, 'fwd' = 3, 'both' = 4, 'proxy' = 5)");
});
