import { describe, expect, test } from 'vitest';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import { matchesEndpoint, parseEndpointQuery } from '../../src/model/endpoint-query.ts';
import { labelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';

const POD: EdgeEndpoint = {
  cluster: 'prod',
  kind: 'pod',
  namespace: 'shop',
  workload: 'cart',
  workloadKind: 'Deployment',
  labels: labelSet(new Map([['app', 'cart']])),
  peer: '',
  address: '',
};
const OUTSIDE: EdgeEndpoint = {
  ...POD,
  kind: 'external',
  namespace: '',
  workload: '',
  workloadKind: '',
  labels: UNKNOWN_LABELS,
  address: '203.0.113.7',
};

function matches(text: string, end: EdgeEndpoint): boolean | undefined {
  const query = parseEndpointQuery(text);
  return query && matchesEndpoint(query, end);
}

describe('an endpoint as people type it', () => {
  test.each([
    ['shop/cart', true, false],
    ['shop/db', false, false],
    ['shop/', true, false],
    ['shop/*', true, false],
    ['app=cart', true, false],
    ['app=cart,tier!=db', true, false],
    ['app!=cart', false, false],
    ['tier=', false, false],
    ['203.0.113.7', false, true],
    ['203.0.113.0/24', false, true],
    ['2001:db8::/32', false, false],
    ['world', false, true],
    ['host', false, false],
  ])('%s', (text, pod, outside) => {
    expect([matches(text, POD), matches(text, OUTSIDE)]).toEqual([pod, outside]);
  });

  test.each(['', 'cart', '/cart', 'a/b/c', '=x', 'a=b=c', '300.0.0.1', '10.0.0.0/40'])('%j is none', (text) => {
    expect(parseEndpointQuery(text)).toBeUndefined();
  });
});
