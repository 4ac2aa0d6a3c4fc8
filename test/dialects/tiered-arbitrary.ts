import fc from 'fast-check';
import { expect } from 'vitest';
import type { PlainObject } from '../../src/dialects/kubernetes/write.ts';
import type { ProfileName } from '../../src/dialects/profiles.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import { yamlText } from '../../src/dialects/yaml-text.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { EndpointMatcher, Policy, PolicyRule, PolicySet, PortMatcher } from '../../src/model/policy.ts';
import type { Selector } from '../../src/model/selector.ts';
import { inventory, outside, pod, workload } from '../evaluate/harness.ts';

/** A world in which everything meets everything: 2 label keys and values, 2 namespaces, pods, nodes, addresses. */
const key = fc.constantFrom('a', 'b');
const value = fc.constantFrom('1', '2');

const term: fc.Arbitrary<Selector> = fc.oneof(
  fc.record({ kind: fc.constant('in' as const), key, values: fc.uniqueArray(value, { minLength: 1, maxLength: 2 }) }),
  fc.record({ kind: fc.constant('has' as const), key }),
);

const selector: fc.Arbitrary<Selector> = fc.oneof(
  term,
  term.map((of): Selector => ({ kind: 'not', of })),
  fc.tuple(term, term).map((of): Selector => ({ kind: 'or', of })),
  fc.tuple(term, term).map((of): Selector => ({ kind: 'not', of: { kind: 'and', of } })),
);

const podAtom: fc.Arbitrary<EndpointMatcher> = fc.oneof(
  selector.map((own): EndpointMatcher => ({ match: 'labels', selector: own })),
  selector.map((own): EndpointMatcher => ({ match: 'namespaceLabels', selector: own })),
  fc.constantFrom('one', 'two').map((name): EndpointMatcher => ({ match: 'namespaceName', names: [name] })),
  fc.constant<EndpointMatcher>({ match: 'pod' }),
);

export const pods: fc.Arbitrary<EndpointMatcher> = fc.oneof(
  podAtom,
  fc.tuple(podAtom, podAtom).map((of): EndpointMatcher => ({ match: 'all', of })),
  fc.tuple(podAtom, podAtom).map((of): EndpointMatcher => ({ match: 'some', of })),
  podAtom.map((of): EndpointMatcher => ({ match: 'all', of: [{ match: 'pod' }, { match: 'not', of }] })),
);

/** What lies outside: blocks with and without exceptions, everything but a block, everything. */
export const addresses: fc.Arbitrary<EndpointMatcher> = fc.constantFrom<EndpointMatcher>(
  { match: 'anything' },
  { match: 'cidr', cidrs: ['10.0.0.0/8'], except: [] },
  { match: 'cidr', cidrs: ['10.0.0.0/8', '2001:db8::/32'], except: ['10.1.0.0/16', '2001:db8:1::/48'] },
  { match: 'not', of: { match: 'cidr', cidrs: ['10.0.0.0/9'], except: ['10.1.0.0/16'] } },
  {
    match: 'all',
    of: [
      { match: 'cidr', cidrs: ['0.0.0.0/0'], except: [] },
      { match: 'cidr', cidrs: ['10.1.0.0/16'], except: [] },
    ],
  },
);

const range = fc.constantFrom({ from: 80, to: 80 }, { from: 81, to: 82 }, { from: 0, to: 65_535 });
export const somePorts: fc.Arbitrary<PortMatcher> = fc.oneof(
  fc.record({ protocol: fc.constantFrom(6, 17), ports: fc.array(range, { minLength: 1, maxLength: 2 }) }),
  fc.record({ protocol: fc.constantFrom(6, 17, 132) }),
);
export const namedPort: fc.Arbitrary<PortMatcher> = fc.constantFrom({ portName: 'web' }, { portName: 'none' });

export interface Shape {
  readonly actions: readonly PolicyRule['action'][];
  readonly ingressPeer: fc.Arbitrary<EndpointMatcher>;
  readonly egressPeer: fc.Arbitrary<EndpointMatcher>;
  readonly port: fc.Arbitrary<PortMatcher>;
  readonly extra?: fc.Arbitrary<Partial<PolicyRule>>;
  readonly isolates?: boolean;
  readonly rules?: number;
}

function direction(shape: Shape, peer: fc.Arbitrary<EndpointMatcher>) {
  const rule = fc.record({
    action: fc.constantFrom(...shape.actions),
    peer,
    ports: fc.option(fc.array(shape.port, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    extra: shape.extra ?? fc.constant({}),
  });
  return fc.array(rule, { maxLength: shape.rules ?? 3 }).map((rules) => ({
    isolates: shape.isolates ?? false,
    rules: rules.map(
      ({ ports, extra, ...rest }, index): PolicyRule => ({
        index,
        name: '',
        ...rest,
        ...(ports && { ports }),
        ...extra,
      }),
    ),
  }));
}

/** Policies of one stage; orders may be equal, fractions or large. */
export function stagePolicies(stage: string, shape: Shape, namespace = ''): fc.Arbitrary<Policy[]> {
  const one = fc.record({
    subject: pods,
    order: fc.constantFrom(0, 1, 5, 7.5, 2000),
    ingress: fc.option(direction(shape, shape.ingressPeer), { nil: undefined }),
    egress: fc.option(direction(shape, shape.egressPeer), { nil: undefined }),
  });
  return fc.array(one, { maxLength: 3 }).map((list) =>
    list.map(({ ingress, egress, ...rest }, index): Policy => {
      const location = { file: 'generated', document: index + 1, line: 1 };
      const name = `${stage.replaceAll('/', '-')}-${index}`;
      const ref = { dialect: 'cluster', kind: 'ClusterNetworkPolicy', namespace, name, location } as const;
      return { ref, stage, staged: false, ...rest, ...(ingress && { ingress }), ...(egress && { egress }) };
    }),
  );
}

const labelTexts = ['', 'a=1', 'a=2', 'b=1', 'a=1,b=2', 'a=2,b=2', '?'];

const endpoints: readonly EdgeEndpoint[] = [
  ...['one', 'two'].flatMap((namespace) =>
    labelTexts.map((text) => pod(`${namespace}/w-${text.replace(/\W/g, '')}`, text)),
  ),
  ...['10.0.0.1', '10.1.0.1', '192.0.2.1', '2001:db8::1', '2001:db8:1::1'].map((address) =>
    outside('external', address),
  ),
  outside('host', '10.2.0.1'),
];

export const WORLD: Inventory = inventory({
  namespaces: { one: 'a=1,b=1', two: 'a=2' },
  workloads: endpoints
    .filter(({ kind }) => kind === 'pod')
    .map((endpoint) => workload(endpoint, endpoint.namespace === 'one' ? 'web=TCP/80' : 'web=UDP/81')),
});

const addressOf = (endpoint: EdgeEndpoint): string[] =>
  endpoint.kind === 'pod' ? [`10.3.0.${endpoints.indexOf(endpoint) + 1}`] : [];

export const packet: fc.Arbitrary<Traffic> = fc
  .record({
    client: fc.constantFrom(...endpoints),
    server: fc.constantFrom(...endpoints),
    protocol: fc.constantFrom(6, 6, 17, 132, 1),
    port: fc.constantFrom(80, 81, 82, 9000),
    clientPort: fc.constantFrom(1000, 2000),
    icmpType: fc.constantFrom(0, 8),
  })
  .map(({ port, icmpType, ...rest }) => ({
    ...rest,
    ...(rest.protocol === 1 ? { port: 0, icmpType, icmpCode: 0 } : { port }),
    clientAddresses: addressOf(rest.client),
    serverAddresses: addressOf(rest.server),
  }));

/** Reads back what was written; it must be without fault. */
export function readBack(documents: readonly PlainObject[], profile: ProfileName): PolicySet {
  const text = documents.map(yamlText).join('---\n');
  const { policySet, findings } = readPolicies([{ name: 'written.yaml', text }], { profile });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policySet;
}

/**
 * Both sets decide every packet alike, on each side. Where labels are not known, a policy that became two is weighed
 * twice, so the answer may be less certain, but never another.
 */
export function expectSameVerdicts(before: PolicySet, after: PolicySet, packets: readonly Traffic[]): void {
  const [one, other] = [compile(before, WORLD), compile(after, WORLD)];
  for (const traffic of packets) {
    const [expected, actual] = [decide(one, traffic), decide(other, traffic)];
    const known = [traffic.client, traffic.server].every(({ kind, labels }) => kind !== 'pod' || labels.id !== '0');
    for (const side of ['egress', 'ingress'] as const) {
      const decision = actual[side].decision;
      if (known || decision !== 'uncertain') expect(decision).toBe(expected[side].decision);
    }
  }
}
