import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decide, judgeEdges } from '../../src/report/check/judge.ts';
import { DENIED, edge, outside, pod, seen, verdict } from './build.ts';

const server = pod('shop/cart');
const UNKNOWN = verdict({}, { decision: 'uncertain', missing: ['address of the client'] });

/** Lets in 10.1.0.0/16, and cannot tell when it is asked about several addresses that differ. */
const byBlock: Decide = ({ client, clientAddresses = [] }) => {
  const addresses = client.address === '' ? clientAddresses : [client.address];
  const inside = new Set(addresses.map((address) => address.startsWith('10.1.')));
  if (inside.size !== 1) return UNKNOWN;
  return inside.has(true) ? verdict() : DENIED;
};
const judged = (clientAddresses: string[], outcome: 'passed' | 'denied' = 'passed') =>
  judgeEdges([edge(pod('shop/web'), server, { [outcome]: seen(5, { clientAddresses }) })], byBlock);

describe('edges cut by an address block', () => {
  it('are decided by the observed addresses when these agree', () => {
    expect(judged(['10.1.0.1', '10.1.0.2'])).toMatchObject([{ class: 'permitted', note: '' }]);
    expect(judged(['10.2.0.1', '10.2.0.2'])).toMatchObject([{ class: 'escaped', note: '' }]);
  });

  it('are escaped when one observed address would be denied, and say which', () => {
    expect(judged(['10.1.0.1', '10.2.0.9'])).toMatchObject([{ class: 'escaped', note: 'only for 10.2.0.9' }]);
  });

  it('are misdropped when one address that was denied is allowed', () => {
    expect(judged(['10.1.0.1', '10.2.0.9'], 'denied')).toMatchObject([
      { class: 'misdropped', note: 'only for 10.1.0.1' },
    ]);
  });

  it('stay uncertain without addresses', () => {
    expect(judged([])).toMatchObject([{ class: 'uncertain' }]);
  });

  it('stay uncertain when the surprise depends on which addresses met', () => {
    const odd: Decide = ({ clientAddresses: from = [], serverAddresses: to = [] }) => {
      if (from.length !== 1) return UNKNOWN;
      return from[0]?.slice(-1) === to[0]?.slice(-1) ? DENIED : verdict();
    };
    const addresses = { clientAddresses: ['10.1.0.1', '10.1.0.2'], serverAddresses: ['10.9.0.1', '10.9.0.2'] };
    expect(judgeEdges([edge(pod('shop/web'), server, { passed: seen(5, addresses) })], odd)).toMatchObject([
      { class: 'uncertain', note: 'it depends on which of the observed addresses met' },
    ]);
  });

  it('are judged by the exact address of an end that is not a pod', () => {
    expect(judgeEdges([edge(outside('10.2.0.1'), server)], byBlock)).toMatchObject([{ class: 'escaped' }]);
  });
});

describe('order of entries', () => {
  it('is worst first and does not depend on the order of edges', () => {
    const edges = ['10.1.0.1', '10.2.0.1', '10.2.0.2', '10.1.0.3'].flatMap((address) => [
      edge(outside(address), server),
      edge(outside(address), server, { port: 9090, denied: seen(1) }),
    ]);
    const sorted = judgeEdges(edges, byBlock);
    expect([...new Set(sorted.map((entry) => entry.class))]).toEqual([
      'escaped',
      'misdropped',
      'rejected',
      'permitted',
    ]);
    fc.assert(
      fc.property(fc.shuffledSubarray(edges, { minLength: edges.length }), (shuffled) => {
        expect(judgeEdges(shuffled, byBlock)).toEqual(sorted);
      }),
    );
  });
});
