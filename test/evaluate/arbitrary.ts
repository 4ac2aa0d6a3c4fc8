import fc from 'fast-check';
import { arrange } from '../../src/dialects/profiles.ts';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { EndpointMatcher, Policy, PolicyDirection, PolicyRule, PolicySet } from '../../src/model/policy.ts';
import type { Selector } from '../../src/model/selector.ts';
import { outside, pod } from './harness.ts';

/** A world small enough that everything meets everything: 2 keys, 2 values, 2 namespaces, 3 ports. */
const value = fc.constantFrom('1', '2');
const key = fc.constantFrom('a', 'b');

export const NAMESPACES = { one: 'a=1,b=1', two: 'a=2' };

const comparison: fc.Arbitrary<Selector> = fc.oneof(
  fc.record({ kind: fc.constant('in' as const), key, values: fc.uniqueArray(value, { maxLength: 2 }) }),
  fc.record({ kind: fc.constant('has' as const), key }),
);

const selector: fc.Arbitrary<Selector> = fc.oneof(
  comparison,
  comparison.map((of): Selector => ({ kind: 'not', of })),
  fc.array(comparison, { maxLength: 2 }).map((of): Selector => ({ kind: 'and', of })),
);

const atom: fc.Arbitrary<EndpointMatcher> = fc.oneof(
  comparison.map((own): EndpointMatcher => ({ match: 'labels', selector: own })),
  selector.map((own): EndpointMatcher => ({ match: 'namespaceLabels', selector: own })),
  fc.constantFrom('one', 'two').map((name): EndpointMatcher => ({ match: 'namespaceName', names: [name] })),
  fc.constant<EndpointMatcher>({ match: 'pod' }),
);

const block: fc.Arbitrary<EndpointMatcher> = fc
  .constantFrom([], ['10.1.0.0/16'])
  .map((except) => ({ match: 'cidr', cidrs: ['10.0.0.0/8'], except, pods: false }));

const subject: fc.Arbitrary<EndpointMatcher> = fc.oneof(
  atom,
  fc.array(atom, { minLength: 1, maxLength: 2 }).map((of): EndpointMatcher => ({ match: 'all', of })),
);

const peer: fc.Arbitrary<EndpointMatcher> = fc.oneof(
  subject,
  block,
  fc.constant<EndpointMatcher>({ match: 'anything' }),
  fc.tuple(subject, fc.oneof(subject, block)).map((of): EndpointMatcher => ({ match: 'some', of })),
  atom.map((of): EndpointMatcher => ({ match: 'all', of: [{ match: 'pod' }, { match: 'not', of }] })),
);

const ports = fc.option(
  fc
    .uniqueArray(fc.constantFrom(80, 81, 82), { minLength: 1, maxLength: 2 })
    .map((list) => list.map((port) => ({ protocol: 6, ports: [{ from: port, to: port }] }))),
  { nil: undefined },
);

function direction(actions: readonly PolicyRule['action'][], isolates: boolean): fc.Arbitrary<PolicyDirection> {
  const rule = fc.record({ action: fc.constantFrom(...actions), peer, ports });
  return fc.array(rule, { maxLength: 3 }).map((rules) => ({
    isolates,
    rules: rules.map(({ ports: own, ...rest }, index) => ({ index, name: '', ...rest, ...(own && { ports: own }) })),
  }));
}

function policies(stage: string, actions: readonly PolicyRule['action'][], isolates: boolean): fc.Arbitrary<Policy[]> {
  const one = fc.record({ subject, ingress: direction(actions, isolates), egress: direction(actions, isolates) });
  return fc.array(one, { maxLength: 3 }).map((list) =>
    list.map((policy, index) => {
      const location = { file: 'generated', document: index + 1, line: 1 };
      const name = `${stage}-${index}`;
      const ref = { dialect: 'kubernetes', kind: 'NetworkPolicy', namespace: 'one', name, location } as const;
      return { ref, stage, order: index, staged: false, ...policy };
    }),
  );
}

/** Policies that only allow and isolate, in the stage of NetworkPolicy. */
export const networkPolicies: fc.Arbitrary<Policy[]> = policies('networkpolicy', ['allow'], true);

export const tieredSet: fc.Arbitrary<PolicySet> = fc
  .tuple(
    policies('admin', ['allow', 'deny', 'pass', 'log'], false),
    policies('networkpolicy', ['allow', 'deny'], true),
    policies('baseline', ['allow', 'deny'], false),
  )
  .map((stages) => arrange('kubernetes', stages.flat(), []))
  .map((set) => ({ ...set, profile: { ...set.profile, selfTraffic: 'evaluated' } }));

const labelTexts = fc.constantFrom('', 'a=1', 'a=2', 'b=1', 'a=1,b=2', 'a=2,b=2', '?');

const endpoint: fc.Arbitrary<EdgeEndpoint> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('one', 'two'), labelTexts).map(([ns, text]) => pod(`${ns}/w${text}`, text)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('10.0.0.1', '10.1.0.1', '192.0.2.1').map((address) => outside('external', address)),
  },
);

export const packet: fc.Arbitrary<Traffic> = fc.record({
  client: endpoint,
  server: endpoint,
  protocol: fc.constant(6),
  port: fc.constantFrom(80, 81, 82),
});
