import { describe, expect, it } from 'vitest';
import { judgeEdges } from '../../src/report/check/judge.ts';
import { edgeText } from '../../src/report/explain/sentences.ts';
import { openScenario } from './scenario.ts';

/** Escaped edges of the pair scenario when one policy file is missing. */
function escapedWithout(without: string): string[] {
  const scenario = openScenario('check-pair', { without });
  const entries = judgeEdges(scenario.edges('edges.txt'), scenario.decide);
  return entries.filter((entry) => entry.class === 'escaped').map((entry) => edgeText(entry.edge));
}

describe('a pair with one half deleted', () => {
  it('denies nothing that passed while both halves are there', () => {
    expect(escapedWithout('')).toEqual([]);
  });

  it('reports exactly the edges of the service half', () => {
    expect(escapedWithout('log-service.yaml')).toEqual([
      'ops/relay → ops/log TCP 24224',
      'shop/cart → ops/log TCP 24224',
      'shop/web → ops/log TCP 24224',
      'shop/web → ops/relay TCP 24224',
    ]);
  });

  it('reports exactly the edges of the client half where something else isolates the clients', () => {
    expect(escapedWithout('log-client.yaml')).toEqual(['ops/relay → ops/log TCP 24224']);
  });
});
