import { expect, test } from 'vitest';
import { nearest } from '../../src/util/nearest.ts';

test.each([
  ['podSelctor', ['podSelector', 'namespaceSelector'], 'podSelector'],
  ['ingress', ['Ingress', 'Egress'], 'Ingress'],
  ['colour', ['podSelector', 'ports'], undefined],
  ['a', ['b', 'c'], 'b'],
  ['', [], undefined],
])('%s among %j → %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
