import fc from 'fast-check';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { inventory, outside, pod, workload } from '../evaluate/harness.ts';

/** A world small enough that everything meets everything. Documents are drawn as Cilium's API has them. */
const NAMESPACES = { one: 'a=1,b=1', two: 'a=2' };

type Value = fc.Arbitrary<unknown>;

const NS = 'io.kubernetes.pod.namespace';
const NS_LABEL = 'io.cilium.k8s.namespace.labels.a';
const expression = fc.oneof(
  fc.record({
    key: fc.constantFrom('a', 'k8s:b', `k8s:${NS_LABEL}`),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom('1', '2'), { minLength: 1 }),
  }),
  fc.record({ key: fc.constantFrom('a', 'any:b', NS_LABEL, NS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  fc.record({
    key: fc.constant(NS),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.constantFrom(['one'], ['two'], ['one', 'two']),
  }),
  fc.record({ key: fc.constant('reserved:host'), operator: fc.constantFrom('Exists') }),
);
const labels = fc.constantFrom(
  {},
  { a: '1' },
  { a: '2', b: '1' },
  { [`k8s:${NS}`]: 'two', a: '1' },
  { 'io.cilium.k8s.policy.serviceaccount': 'x' },
);
const selector = fc.oneof(
  labels.map((matchLabels): Record<string, unknown> => ({ matchLabels })),
  fc.array(expression, { maxLength: 2 }).map((matchExpressions): Record<string, unknown> => ({ matchExpressions })),
);
const podSelector = selector.filter((one) => !JSON.stringify(one).includes('reserved'));
const entity = fc.constantFrom(
  'all',
  'world',
  'world-ipv4',
  'cluster',
  'host',
  'remote-node',
  'kube-apiserver',
  'health',
  'ingress',
  'none',
);
const cidrItem = fc.constantFrom(
  { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] },
  { cidr: '192.0.2.0/24' },
  { cidr: '::/0' },
);
const name = fc.constantFrom(
  { matchName: 'a.io' },
  { matchPattern: '*.io' },
  { matchPattern: '*' },
  { matchPattern: '**.b.io' },
);

const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 2 });
const port = fc.constantFrom(
  { port: '80', protocol: 'TCP' },
  { port: '80', endPort: 82, protocol: 'TCP' },
  { port: '81' },
  { port: '0', protocol: 'UDP' },
  { port: 'web', protocol: 'TCP' },
);
const l4 = fc.oneof(
  fc.constant({}),
  few(fc.record({ ports: few(port) })).map((toPorts) => ({ toPorts })),
  fc.constant({ icmps: [{ fields: [{ type: 8, family: 'IPv4' }] }] }),
);

function peers(prefix: 'from' | 'to'): Value[] {
  return [
    fc.constant({}),
    few(selector).map((list) => ({ [`${prefix}Endpoints`]: list })),
    few(entity).map((list) => ({ [`${prefix}Entities`]: list })),
    few(cidrItem).map((list) => ({ [`${prefix}CIDRSet`]: list })),
  ];
}

const entries = (...forms: Value[]) =>
  few(fc.tuple(fc.oneof(...forms), l4).map(([who, what]) => ({ ...(who as object), ...what })));
const names = few(name).map((list) => ({ toFQDNs: list }));
const sections = fc.record(
  {
    ingress: entries(...peers('from')),
    ingressDeny: entries(...peers('from')),
    egress: entries(...peers('to'), names),
    egressDeny: entries(...peers('to')),
    enableDefaultDeny: fc.constantFrom({}, { ingress: false }, { egress: false, ingress: true }),
  },
  { requiredKeys: [] },
);
const ruleSet = fc
  .tuple(podSelector, sections)
  .map(([endpointSelector, rest]) => ({ endpointSelector, ingress: [], ...rest }));

const document = fc.record({ clusterwide: fc.boolean(), sets: fc.array(ruleSet, { minLength: 1, maxLength: 2 }) });

/** Up to three policies, some of the whole cluster, some with several rule sets. */
export const ciliumDocuments: fc.Arbitrary<object[]> = fc.array(document, { minLength: 1, maxLength: 3 }).map((all) =>
  all.map(({ clusterwide, sets: [spec, ...specs] }, index) => ({
    apiVersion: 'cilium.io/v2',
    kind: clusterwide ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy',
    metadata: { name: `policy-${index}`, ...(!clusterwide && { namespace: index === 1 ? 'two' : 'one' }) },
    spec,
    ...(specs.length > 0 && { specs }),
  })),
);

const PODS: readonly EdgeEndpoint[] = ['', 'a=1', 'a=2', 'b=1', 'a=1,b=1', '?'].flatMap((text) =>
  ['one', 'two'].map((namespace) => pod(`${namespace}/w${text}`, text)),
);

export const INVENTORY: Inventory = inventory({
  namespaces: NAMESPACES,
  workloads: PODS.map((one, index) => ({
    ...workload(one, 'web=TCP/81'),
    serviceAccount: ['x', 'y', ''][index % 3] ?? '',
  })),
});

const others: readonly EdgeEndpoint[] = [
  outside('external', '10.0.0.1'),
  outside('external', '10.1.0.1'),
  outside('external', '192.0.2.1'),
  outside('external', '2001:db8::1'),
  outside('host', '10.0.0.9'),
  outside('apiserver', '10.0.0.8'),
  outside('health'),
  outside('ingress'),
  outside('unmanaged', '10.2.0.1'),
  outside('unknown'),
];
const endpoint = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...PODS) }, fc.constantFrom(...others));
const service = fc.constantFrom([6, 80], [6, 81], [6, 83], [17, 80], [1, 0], [0, 0]);

export const packet: fc.Arbitrary<Traffic> = fc
  .record({
    client: endpoint,
    server: endpoint,
    service,
    names: fc.constantFrom([], ['a.io'], ['x.b.io'], ['x.y.b.io']),
    icmpType: fc.constantFrom(0, 8),
    sameNode: fc.constantFrom(true, false),
  })
  .map(({ service: [protocol = 0, port = 0], names: serverNames, ...rest }) => ({
    ...rest,
    protocol,
    port,
    serverNames,
  }));
