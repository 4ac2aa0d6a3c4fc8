import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tierStage } from '../../src/dialects/antrea/tiers.ts';
import { writeAntrea } from '../../src/dialects/antrea/write.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import type { EndpointMatcher, Policy, PolicyDirection, PolicyRule, PortMatcher } from '../../src/model/policy.ts';
import { pod } from '../evaluate/harness.ts';
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

const same = fc.constant<EndpointMatcher>({ match: 'sameNamespaceLabels', keys: [] });
const peer = fc.oneof(
  pods,
  addresses,
  same,
  fc.tuple(pods, addresses).map((of) => ({ match: 'some', of }) as const),
);
const source = fc.constantFrom<Partial<PolicyRule>>({}, {}, { sourcePorts: [{ ports: [{ from: 1000, to: 1500 }] }] });
const self = pods.map((own): Partial<PolicyRule> => ({ self: own }));
const SHAPE: Shape = {
  actions: ['allow', 'deny', 'pass'],
  ingressPeer: peer,
  egressPeer: peer,
  port: fc.oneof(somePorts, namedPort),
};
/** Source ports go with numbered ports only. */
const SOURCES: Shape = { ...SHAPE, port: somePorts, extra: fc.oneof(source, self) };
const icmp = fc.constantFrom<PortMatcher[]>([
  { protocol: 1, icmpType: 8 },
  { protocol: 58, icmpType: 8 },
]);
const ICMP: Shape = { ...SHAPE, extra: icmp.map((ports) => ({ ports })) };
const packets = fc.array(packet, { minLength: 5, maxLength: 15 });

test.each([
  ['peers and ports', SHAPE],
  ['source ports and subjects of rules', SOURCES],
  ['ICMP', ICMP],
])('what is written is read back with the same verdicts: %s', { timeout: 240_000 }, (_, shape) => {
  const baseline = stagePolicies('antrea/baseline', { ...shape, actions: ['allow', 'deny'] });
  const mine = stagePolicies('antrea/mine', shape, 'one');
  fc.assert(
    fc.property(
      stagePolicies('antrea/application', shape),
      mine,
      baseline,
      packets,
      (application, own, base, traffic) => {
        const stages = [tierStage('application', 250), tierStage('mine', 33), tierStage('baseline', 253)];
        const set = arrange('antrea', [...application, ...own, ...base], stages);
        const { documents, refusals } = writeAntrea(set);
        expect(refusals).toEqual([]);
        expectSameVerdicts(set, readBack(documents, 'antrea'), traffic);
      },
    ),
    { numRuns: 200 },
  );
});

test('policies of equal order that do different things get priorities of their own, whatever they are called', () => {
  const direction = (action: PolicyRule['action']): PolicyDirection => ({
    isolates: false,
    rules: [{ index: 0, name: '', action, peer: { match: 'anything' } }],
  });
  const one = (name: string, subject: EndpointMatcher, action: PolicyRule['action']): Policy => ({
    ref: { dialect: 'cluster', kind: '', namespace: 'one', name, location: { file: '', document: 1, line: 1 } },
    ...{ stage: 'antrea/mine', order: 5, staged: false, subject, egress: direction(action) },
  });
  // Written as a NetworkPolicy, the first is called one/a and would come after the second.
  const first = one('a', { match: 'namespaceName', names: ['one'] }, 'allow');
  const set = arrange('antrea', [first, one('b', { match: 'pod' }, 'deny')], [tierStage('mine', 33)]);
  const { documents, refusals } = writeAntrea(set);
  expect(refusals).toEqual([]);
  const specs = documents.map(({ kind, spec }) => [kind, (spec as { readonly priority: number }).priority]);
  expect(specs).toEqual([
    ['Tier', 33],
    ['NetworkPolicy', 11],
    ['ClusterNetworkPolicy', 21],
  ]);
  const [client, server] = [pod('one/w', 'a=1'), pod('two/w', 'a=1')];
  expectSameVerdicts(set, readBack(documents, 'antrea'), [{ client, server, protocol: 6, port: 80 }]);
});

test('policies that add up and isolate become an order in which all allows come first', { timeout: 240_000 }, () => {
  const shape: Shape = { ...SHAPE, actions: ['allow'], isolates: true };
  fc.assert(
    fc.property(stagePolicies('networkpolicy', shape, 'one'), packets, (policies, traffic) => {
      const set = arrange('antrea', policies, []);
      const { documents, refusals } = writeAntrea(set);
      expect(refusals).toEqual([]);
      expectSameVerdicts(set, readBack(documents, 'antrea'), traffic);
    }),
    { numRuns: 200 },
  );
});
