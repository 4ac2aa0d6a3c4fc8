import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeCluster } from '../../src/dialects/cluster/write.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import {
  addresses,
  expectSameVerdicts,
  namedPort,
  packet,
  pods,
  readBack,
  type Shape,
  somePorts,
  stagePolicies,
} from './tiered-arbitrary.ts';

const SHAPE: Shape = {
  actions: ['allow', 'deny', 'pass'],
  ingressPeer: pods,
  egressPeer: fc.oneof(
    pods,
    addresses,
    fc.tuple(pods, addresses).map((of) => ({ match: 'some', of }) as const),
  ),
  port: somePorts,
};
const PODS_ONLY: Shape = { ...SHAPE, egressPeer: pods, port: fc.oneof(somePorts, namedPort) };
const packets = fc.array(packet, { minLength: 5, maxLength: 15 });

test.each([
  ['addresses', SHAPE],
  ['port names', PODS_ONLY],
  ['more rules than a policy may have', { ...SHAPE, rules: 60 }],
])('what is written is read back with the same verdicts: %s', { timeout: 240_000 }, (_, shape) => {
  fc.assert(
    fc.property(
      stagePolicies('admin', shape),
      stagePolicies('baseline', shape),
      packets,
      (admin, baseline, traffic) => {
        const set = arrange('kubernetes', [...admin, ...baseline], []);
        const { documents, refusals } = writeCluster(set);
        expect(refusals).toEqual([]);
        expectSameVerdicts(set, readBack(documents, 'kubernetes'), traffic);
      },
    ),
    { numRuns: 300 },
  );
});

test('policies that add up and isolate become an order in which all allows come first', { timeout: 240_000 }, () => {
  const shape: Shape = { ...SHAPE, actions: ['allow'], isolates: true, ingressPeer: fc.constant({ match: 'pod' }) };
  fc.assert(
    fc.property(stagePolicies('networkpolicy', shape), packets, (policies, traffic) => {
      const egressOnly = policies.map(({ ingress, ...policy }) => policy);
      const set = arrange('kubernetes', egressOnly, []);
      const { documents, refusals } = writeCluster(set, { tier: 'Baseline' });
      expect(refusals).toEqual([]);
      expectSameVerdicts(set, readBack(documents, 'kubernetes'), traffic);
    }),
    { numRuns: 300 },
  );
});
