import fc from 'fast-check';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { inventory, outside, pod, workload } from '../evaluate/harness.ts';

/** A world small enough that everything meets everything. Documents are drawn as Calico's API has them. */
const NAMESPACES = { one: 'a=1,b=1', two: 'a=2' };

type Value = fc.Arbitrary<unknown>;

/** An object in which each field may be missing. */
function some(fields: Record<string, Value>): Value {
  return fc.record(fields, { requiredKeys: [] });
}

const simple = fc.constantFrom(
  'a == "1"',
  'a != "1"',
  'has(b)',
  'b in {"1", "2"}',
  'a not in {"2", "3"}',
  'a starts with "1"',
  'all()',
  'projectcalico.org/namespace == "two"',
  'projectcalico.org/serviceaccount == "x"',
);
const selector = fc.oneof(
  simple,
  simple.map((one) => `!${one}`),
  fc.tuple(simple, simple).map(([one, other]) => `${one} && !(${other})`),
  fc.tuple(simple, simple).map(([one, other]) => `${one} || ${other}`),
);
const namespaceSelector = fc.constantFrom('a == "1"', 'a != "1"', 'all()', 'projectcalico.org/name == "two"', 'has(b)');
const net = fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.0.1', '192.0.2.0/24', 'fd00::/8', '0.0.0.0/0');
const notNet = fc.constantFrom('10.1.0.0/16', '192.0.2.0/24', 'fd00:1::/32');
const accounts = fc.constantFrom(
  { names: ['x'] },
  { names: ['x', 'y'] },
  {},
  { selector: 'projectcalico.org/name == "y"' },
);

const place = {
  nets: fc.uniqueArray(net, { minLength: 1, maxLength: 2 }),
  notNets: fc.uniqueArray(notNet, { minLength: 1, maxLength: 2 }),
  selector,
  notSelector: selector,
  namespaceSelector: fc.oneof(
    { weight: 4, arbitrary: namespaceSelector },
    { weight: 1, arbitrary: fc.constant('global()') },
  ),
  serviceAccounts: accounts,
};
const port = fc.constantFrom(80, '81:90', 'web');
const ports = fc.uniqueArray(port, { minLength: 1, maxLength: 2 });
const withPorts = { ...place, ports, notPorts: ports };

/** Fields are rare, so that rules match something now and then. */
function rare(fields: Record<string, Value>): Value {
  const names = Object.keys(fields);
  return fc
    .uniqueArray(fc.constantFrom(...names), { maxLength: 2 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, fields[name] as Value]))));
}

const action = fc.constantFrom('Allow', 'Deny', 'Pass', 'Log');
const rule = fc.oneof(
  fc.record({ action, source: rare(place), destination: rare(place) }),
  fc.record({
    action,
    protocol: fc.constantFrom('TCP', 'UDP', 6),
    source: rare(withPorts),
    destination: rare(withPorts),
  }),
  fc.record({ action, notProtocol: fc.constantFrom('TCP', 17), source: rare(place) }),
  fc.record({ action, ipVersion: fc.constantFrom(4, 6), destination: rare(place) }),
  fc.record({ action, protocol: fc.constant('ICMP'), icmp: fc.constantFrom({}, { type: 8 }, { type: 3, code: 1 }) }),
  fc.record({ action, notICMP: fc.constantFrom({ type: 8 }, { type: 3, code: 1 }), source: rare(place) }),
);

const rules = fc.array(rule, { maxLength: 3 });
const common = {
  tier: fc.constantFrom('default', 'pass', 'deny'),
  order: fc.constantFrom(1, 1.5, 1000),
  selector,
  serviceAccountSelector: fc.constantFrom('all()', 'projectcalico.org/name == "x"'),
  types: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
};
const spec = some(common).chain((fields) =>
  fc.record({ ingress: rules, egress: rules }).map((own) => ({ ...(fields as object), ...own })),
);
const globalSpec = fc.tuple(spec, some({ namespaceSelector })).map(([one, more]) => ({ ...one, ...(more as object) }));

function document(kind: string, metadata: object, of: unknown): object {
  return { apiVersion: 'projectcalico.org/v3', kind, metadata, spec: of };
}

const TIERS = [
  document('Tier', { name: 'pass' }, { order: 5, defaultAction: 'Pass' }),
  document('Tier', { name: 'deny' }, { order: 10 }),
];
const SETS = [
  document('NetworkSet', { name: 'set', namespace: 'one', labels: { a: '1' } }, { nets: ['192.0.2.0/25'] }),
  document('GlobalNetworkSet', { name: 'set', labels: { b: '2' } }, { nets: ['10.1.0.0/24', 'fd00:1::/32'] }),
];
const BESIDE = Object.entries(NAMESPACES).map(([name, text]) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: Object.fromEntries(text.split(',').map((pair) => pair.split('='))) },
}));

/** Documents of a cluster: tiers, sets, namespaces and up to four policies. */
export const calicoDocuments: fc.Arbitrary<object[]> = fc
  .tuple(fc.array(spec, { maxLength: 2 }), fc.array(globalSpec, { maxLength: 2 }))
  .map(([namespaced, global]) => [
    ...TIERS,
    ...SETS,
    ...BESIDE,
    ...namespaced.map((of, index) => document('NetworkPolicy', { name: `np-${index}`, namespace: 'one' }, of)),
    ...global.map((of, index) => document('GlobalNetworkPolicy', { name: `gnp-${index}` }, of)),
  ]);

interface Party {
  readonly endpoint: EdgeEndpoint;
  readonly address: string;
}

const PODS: readonly (Party & { readonly account: string })[] = [
  { endpoint: pod('one/w1', 'a=1'), address: '10.1.0.1', account: 'x' },
  { endpoint: pod('one/w2', 'a=2,b=1'), address: '10.2.0.1', account: 'y' },
  { endpoint: pod('two/w3', 'a=1,b=2'), address: 'fd00:1::1', account: 'x' },
  { endpoint: pod('two/w4', ''), address: 'fd00:2::1', account: 'z' },
];
const OUTSIDE: readonly Party[] = ['192.0.2.1', '192.0.2.200', '10.1.0.9', 'fd00:1::9', '2001:db8::1'].map(
  (address) => ({
    endpoint: outside('external', address),
    address,
  }),
);

/** All that is known of the generated world. */
export const INVENTORY: Inventory = inventory({
  namespaces: NAMESPACES,
  workloads: PODS.map(({ endpoint, account }) => ({ ...workload(endpoint, 'web=TCP/80'), serviceAccount: account })),
});

const party = fc.constantFrom<Party>(...PODS, ...OUTSIDE);
const services = fc.constantFrom<Pick<Traffic, 'protocol' | 'port' | 'icmpType' | 'icmpCode'>>(
  { protocol: 6, port: 80 },
  { protocol: 6, port: 85 },
  { protocol: 17, port: 80 },
  { protocol: 17, port: 91 },
  { protocol: 50, port: 0 },
  { protocol: 1, port: 0, icmpType: 8, icmpCode: 0 },
  { protocol: 1, port: 0, icmpType: 3, icmpCode: 1 },
);

/** Packets as the network carries them: both ends of one family, ICMP in IPv4. */
export const packet: fc.Arbitrary<Traffic> = fc
  .record({ client: party, server: party, service: services, clientPort: fc.constantFrom(80, 81, 4000) })
  .filter(({ client, server, service }) => {
    const [from, to] = [client, server].map(({ address }) => address.includes(':'));
    return from === to && client !== server && !(from && service.protocol === 1);
  })
  .map(({ client, server, service, clientPort }) => ({
    client: client.endpoint,
    server: server.endpoint,
    ...service,
    clientPort,
    clientAddresses: [client.address],
    serverAddresses: [server.address],
  }));
