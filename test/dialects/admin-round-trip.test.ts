import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeAdmin } from '../../src/dialects/admin/write.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import {
  addresses,
  expectSameVerdicts,
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
  egressPeer: fc.oneof(pods, addresses),
  port: somePorts,
};

test('what is written is read back with the same verdicts', { timeout: 240_000 }, () => {
  const packets = fc.array(packet, { minLength: 5, maxLength: 15 });
  const baseline = stagePolicies('baseline', { ...SHAPE, actions: ['allow', 'deny'] });
  fc.assert(
    fc.property(stagePolicies('admin', SHAPE), baseline, packets, (admin, base, traffic) => {
      const set = arrange('kubernetes', [...admin, ...base], []);
      const { documents, refusals } = writeAdmin(set);
      const several = refusals.every(({ reason }) => reason.includes('one BaselineAdminNetworkPolicy'));
      expect(several).toBe(true);
      const refused = new Set(refusals.map(({ policy }) => policy));
      const kept = { ...set, policies: set.policies.filter(({ ref }) => !refused.has(ref)) };
      expectSameVerdicts(kept, readBack(documents, 'kubernetes'), traffic);
    }),
    { numRuns: 300 },
  );
});
