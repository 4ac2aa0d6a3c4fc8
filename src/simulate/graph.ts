import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/**
 * The application graph that `simulate` reads, as documented in `docs/graph-format.md`. Days are counted from the
 * start of the simulation, from 0, and may have fractions (3.5 = noon of the fourth day).
 */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const REFERENCE = /^([a-z0-9][-a-z0-9.]*\/[a-z0-9][-a-z0-9.]*|external:[a-z0-9][-a-z0-9.]*|entity:[a-z-]+)$/;

const name = z.string().regex(NAME, 'must be a lower-case DNS name');
const workloadReference = z.string().regex(/^[^/:]+\/[^/:]+$/, 'must be namespace/workload');
const reference = z
  .string()
  .regex(REFERENCE, 'must be namespace/workload, external:NAME or entity:kube-apiserver|host|remote-node|world');
const labels = z.record(
  z.string().regex(/^[A-Za-z0-9][-A-Za-z0-9_./]*$/, 'is not a label key'),
  z.string().regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, 'is not a label value'),
);
const day = z.number().min(0);
const share = z.number().min(0).max(1);
const port = z.int().min(1).max(65535);
const protocol = z.enum(['TCP', 'UDP', 'SCTP', 'ICMP']);
const address = z.string().refine((text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text), 'is no address or range');

const schedule = z.strictObject({
  every: z.enum(['hour', 'day', 'week', 'month']),
  /** 0 = Sunday; only for `week`. */
  weekday: z.int().min(0).max(6).default(1),
  dayOfMonth: z.int().min(1).max(28).default(1),
  hour: z.int().min(0).max(23).default(2),
  minute: z.int().min(0).max(59).default(0),
});

const workload = z.strictObject({
  namespace: name,
  name,
  kind: z.enum(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod']).default('Deployment'),
  labels: labels.default({}),
  replicas: z.int().min(1).max(10_000).default(1),
  ports: z.array(z.strictObject({ name: name.optional(), port, protocol: protocol.default('TCP') })).default([]),
  serviceAccount: name.optional(),
  hostNetwork: z.boolean().default(false),
  dualStack: z.boolean().default(false),
  schedule: schedule.optional(),
  fromDay: day.optional(),
  untilDay: day.optional(),
  rollouts: z.array(day).default([]),
  relabels: z.array(z.strictObject({ day, labels })).default([]),
});

const service = z.strictObject({
  namespace: name,
  name,
  type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('ClusterIP'),
  selector: labels,
  ports: z.array(
    z.strictObject({ port, targetPort: z.union([port, name]).optional(), protocol: protocol.default('TCP') }),
  ),
});

const call = z.strictObject({
  from: reference,
  to: reference,
  /** Pod port of the server; left out for ICMP. */
  port: port.optional(),
  protocol: protocol.default('TCP'),
  profile: z.enum(['busy', 'few-a-day', 'weekly', 'rare']).default('busy'),
  /** Connections an hour, all replicas together; only for `busy`. */
  rate: z.number().positive().max(1e7).default(30),
  schedule: schedule.optional(),
  /** Connections of one scheduled run. */
  connections: z.int().min(1).max(1e6).default(3),
  /** Share of the client's replicas that ever make this call. */
  clients: share.default(1),
  fromDay: day.optional(),
  untilDay: day.optional(),
  outcome: z
    .enum(['forwarded', 'refused', 'denied-egress', 'denied-ingress', 'audited', 'unroutable'])
    .default('forwarded'),
  l7: z.enum(['http']).optional(),
  /** Share of connections over IPv6 when both ends have it. */
  ipv6: share.default(0.3),
});

const external = z.strictObject({
  name,
  names: z.array(name).default([]),
  addresses: z.array(address).min(1),
  /** The agent knows these addresses by a `cidr:` label, because some policy names them. */
  cidrLabels: z.boolean().default(false),
  /** Clients arrive through a balancer that replaces their address by that of a node. */
  loadBalancer: z.boolean().default(false),
});

const attackBase = { id: name.optional(), from: workloadReference, replicas: z.int().min(1).max(100).default(1), day };
const targets = z.union([
  z.int().min(1),
  z.array(z.string().regex(/^[^/]+\/[^/:]+:\d+$/, 'must be namespace/workload:port')),
]);

const attack = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('scan'),
    ...attackBase,
    hours: z.number().positive().default(6),
    targets: targets.optional(),
    closedPorts: z.array(port).default([]),
  }),
  z.strictObject({ kind: z.literal('slow-scan'), ...attackBase, targets: targets.optional() }),
  z.strictObject({
    kind: z.literal('lateral'),
    ...attackBase,
    days: z.int().min(1).default(3),
    targets: targets.default(5),
    /** Connections to each target on each day, all within one hour. */
    connections: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal('poisoned-service'),
    id: name.optional(),
    namespace: name.optional(),
    name,
    /** The workload whose labels are copied. */
    copies: workloadReference,
    replicas: z.int().min(1).max(100).default(1),
    day,
    targets: targets.default(5),
    rate: z.number().positive().default(2),
  }),
]);

const drift = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('new-service'), workload: workloadReference, day }),
  z.strictObject({ kind: z.literal('removed-call'), from: reference, to: reference, port: port.optional(), day }),
  z.strictObject({
    kind: z.literal('canary'),
    workload: workloadReference,
    day,
    labels,
    replicas: z.int().min(1).default(1),
    call: z.strictObject({ to: reference, port, protocol: protocol.default('TCP') }),
  }),
  z.strictObject({ kind: z.literal('renamed-label'), workload: workloadReference, day, labels }),
]);

const noise = z.strictObject({
  dns: share.default(0.25),
  dnsTcp: share.default(0.03),
  dnsL7: share.default(0.1),
  probesPerHour: z.number().min(0).default(2),
  nodesPerHour: z.number().min(0).default(1),
  replies: share.default(0.6),
  closes: share.default(0.35),
  lost: share.default(0.001),
  lostEventsPerDay: z.number().min(0).default(4),
  duplicates: share.default(0.0005),
  flips: share.default(0.01),
  vantages: z.enum(['both', 'source', 'destination']).default('both'),
  remoteWorkloads: z.boolean().default(false),
  templateLabels: z.boolean().default(true),
  /** Nodes (numbered from 0) whose reports of one day are lost. */
  blind: z.array(z.strictObject({ node: z.int().min(0), day: z.int().min(0) })).default([]),
});

export const GRAPH = z.strictObject({
  version: z.literal(1),
  name,
  cluster: name.default('cluster'),
  start: z.iso.datetime({ offset: true }).default('2026-01-05T00:00:00Z'),
  days: z.int().min(1).max(3660).default(7),
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  nodes: z.int().min(1).max(50_000).default(3),
  namespaces: z.array(z.strictObject({ name, labels: labels.default({}) })).default([]),
  workloads: z.array(workload).min(1),
  services: z.array(service).default([]),
  external: z.array(external).default([]),
  calls: z.array(call).default([]),
  attacks: z.array(attack).default([]),
  drifts: z.array(drift).default([]),
  noise: noise.prefault({}),
});

export type Graph = z.output<typeof GRAPH>;
/** A graph as people write it, before defaults. */
export type GraphInput = z.input<typeof GRAPH>;
export type GraphWorkload = Graph['workloads'][number];
export type GraphService = Graph['services'][number];
export type GraphCall = Graph['calls'][number];
export type GraphExternal = Graph['external'][number];
export type GraphAttack = Graph['attacks'][number];
export type GraphDrift = Graph['drifts'][number];
export type Schedule = z.output<typeof schedule>;
export type Protocol = z.output<typeof protocol>;
export type Outcome = GraphCall['outcome'];

/** The entities a call can name instead of a workload. */
export const ENTITIES = ['kube-apiserver', 'host', 'remote-node', 'world'] as const;

/** `shop/cart`: how calls name a workload. */
export function workloadReferenceOf(workload: Pick<GraphWorkload, 'namespace' | 'name'>): string {
  return `${workload.namespace}/${workload.name}`;
}
