import type { Endpoint } from '../../src/model/endpoint.ts';
import { type LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { calicoRef, type PolicyHit, traceOutcome } from './calico-trace.ts';
import type { DecodeContext, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, has, list, number, object, part, port, present, text } from './fields.ts';
import { enumName, field, flowOf, keyOf, nameOf, tracesOf } from './goldmane-spelling.ts';
import { labelsOfList, labelsOfText } from './label-hygiene.ts';
import type { PolicyRefKind } from './policy-ref.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { epochTime, parseTime } from './time.ts';
import { workloadOfPrefix } from './workload-name.ts';

const ACTIONS = ['ActionUnspecified', 'Allow', 'Deny', 'Pass'];
const REPORTERS = ['ReporterUnspecified', 'Src', 'Dst'];
const TYPES = ['EndpointTypeUnspecified', 'WorkloadEndpoint', 'HostEndpoint', 'NetworkSet', 'Network'];
const POLICY_KINDS = [
  'KindUnspecified',
  'CalicoNetworkPolicy',
  'GlobalNetworkPolicy',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'NetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'Profile',
  'EndOfTier',
  'ClusterNetworkPolicy',
];
const REF_KINDS: Readonly<Record<string, PolicyRefKind>> = {
  CalicoNetworkPolicy: 'np',
  GlobalNetworkPolicy: 'gnp',
  StagedNetworkPolicy: 'snp',
  StagedGlobalNetworkPolicy: 'sgnp',
  StagedKubernetesNetworkPolicy: 'sknp',
  NetworkPolicy: 'knp',
  AdminNetworkPolicy: 'anp',
  BaselineAdminNetworkPolicy: 'banp',
  ClusterNetworkPolicyAdminTier: 'gcnp',
  ClusterNetworkPolicyBaselineTier: 'gcnp',
  ClusterNetworkPolicy: 'gcnp',
};

function kindName(value: unknown): string {
  const name = enumName(value, POLICY_KINDS);
  return name === '' && Object.hasOwn(REF_KINDS, text(value)) ? text(value) : name;
}

function refOf(hit: JsonObject, rule: number): string {
  const kind = REF_KINDS[kindName(hit.kind)];
  if (kind === undefined) return '';
  const [namespace, tier, name] = [present(hit.namespace), present(hit.tier), text(hit.name)];
  // Global policies are stored with their tier, so `name` without it and with it must come out alike.
  return calicoRef({ kind, namespace, tier, name, rule });
}

/** An end of a tier names in `trigger` the policy that selected the endpoint: it is the one that denied. */
function hitOf(value: unknown): PolicyHit {
  const hit = part(value);
  const endOfTier = kindName(hit.kind) === 'EndOfTier';
  const rule = endOfTier ? -1 : (number(field(hit, 'rule_index')) ?? 0);
  return {
    index: number(field(hit, 'policy_index')) ?? 0,
    ref: refOf(endOfTier ? part(hit.trigger) : hit, rule),
    action: enumName(hit.action, ACTIONS).toLowerCase(),
    rule,
  };
}

function labelsOf(value: unknown, whisker: boolean, interner: LabelInterner): LabelSet {
  if (Array.isArray(value)) return labelsOfList(value, interner);
  if (typeof value === 'string') return labelsOfText(value, ' | ', interner);
  // Zero values are omitted: outside Whisker a missing list is an empty one, and only workloads have labels.
  return whisker ? UNKNOWN_LABELS : labelsOfList([], interner);
}

function typeOf(key: JsonObject, end: 'source' | 'dest', name: string, namespace: string): string {
  const written = enumName(field(key, `${end}_type`), TYPES);
  if (written !== '' && written !== 'EndpointTypeUnspecified') return written;
  if (name === 'pub' || name === 'pvt') return 'Network';
  return namespace === '' ? '' : 'WorkloadEndpoint';
}

function endpointOf(flow: JsonObject, end: 'source' | 'dest', interner: LabelInterner): Endpoint {
  const key = keyOf(flow);
  const name = nameOf(field(key, `${end}_name`));
  const namespace = present(field(key, `${end}_namespace`));
  const labels = labelsOf(field(flow, `${end}_labels`), key === flow, interner);
  const peer = namespace === '' ? name : `${namespace}/${name}`;
  switch (typeOf(key, end, name, namespace)) {
    case 'WorkloadEndpoint':
      return endpoint({ kind: 'pod', namespace, labels, ...workloadOfPrefix(name) });
    case 'HostEndpoint':
      return endpoint({ kind: 'host', labels, peer });
    case 'NetworkSet':
      return endpoint({ kind: 'netset', namespace, labels, peer });
    case 'Network':
      return endpoint({ kind: name === 'pvt' ? 'private' : 'external', peer: name });
    default:
      return endpoint({ labels, peer });
  }
}

/** Counters are the reporter's, as in Calico Enterprise. */
function counters(flow: JsonObject, reporter: string) {
  const [forward, reverse] = reporter === 'Src' ? ['out', 'in'] : ['in', 'out'];
  return {
    bytesForward: count(field(flow, `bytes_${forward}`)),
    bytesReverse: count(field(flow, `bytes_${reverse}`)),
    packetsForward: count(field(flow, `packets_${forward}`)),
    packetsReverse: count(field(flow, `packets_${reverse}`)),
  };
}

const timeOf = (value: unknown): number | undefined => epochTime(value, 's') ?? parseTime(value);

const KEY_FIELDS = [
  ...['source_namespace', 'dest_namespace', 'dest_port', 'dest_service_name', 'dest_service_namespace'],
  ...['dest_service_port_name', 'dest_service_port'],
];

function identityOf(key: JsonObject, names: readonly string[], hits: readonly PolicyHit[]): readonly string[] {
  const fields = KEY_FIELDS.map((name) => present(field(key, name)));
  return [...names, ...fields, ...hits.map((hit) => `${hit.index} ${hit.ref} ${hit.action}`)];
}

function read(record: JsonObject, context: DecodeContext): Reading {
  const flow = flowOf(record);
  const key = keyOf(flow);
  const time = timeOf(field(flow, 'start_time'));
  if (time === undefined) return { reject: 'bad-time', detail: 'start_time is missing or no plausible time' };
  const endTime = timeOf(field(flow, 'end_time')) ?? time;
  const reporter = enumName(key.reporter, REPORTERS);
  const action = enumName(key.action, ACTIONS).toLowerCase();
  const traces = tracesOf(key);
  const enforced = list(traces.enforced).map(hitOf);
  const protocol = protocolNumber(key.proto ?? key.protocol);
  const names = ['source', 'dest'].map((end) => nameOf(field(key, `${end}_name`)));
  const known = [time, endTime, reporter, action, protocol, ...identityOf(key, names, enforced)];
  const counted = key !== flow;
  return {
    flow: newFlow('goldmane', context, {
      time,
      endTime,
      vantage: reporter === 'Src' ? 'src' : reporter === 'Dst' ? 'dst' : 'unknown',
      oriented: 'reported',
      protocol,
      client: endpointOf(flow, 'source', context.interner),
      server: endpointOf(flow, 'dest', context.interner),
      serverPort: port(field(key, 'dest_port')),
      serviceNamespace: present(field(key, 'dest_service_namespace')),
      serviceName: present(field(key, 'dest_service_name')),
      servicePort: port(field(key, 'dest_service_port')),
      connections: count(field(flow, 'num_connections_started')),
      connectionBasis: counted ? 'reported' : 'row',
      ...counters(flow, reporter),
      ...traceOutcome(action, enforced, list(traces.pending).map(hitOf)),
      eventId: eventId('goldmane', ...known),
    }),
  };
}

function recognises(record: JsonObject): boolean {
  const flow = flowOf(record);
  const key = object(flow.Key) ?? object(flow.key);
  if (key !== undefined) return field(key, 'source_name') !== undefined || field(key, 'dest_name') !== undefined;
  const policies = object(flow.policies);
  return typeof flow.source_labels === 'string' && policies !== undefined && has(policies, 'enforced');
}

/** Goldmane flows (projectcalico/calico, goldmane/proto/api.proto and whisker-backend) in all three JSON spellings. */
export const goldmane = jsonDecoder({
  format: 'goldmane',
  recognises,
  decode: (record, context, sink) => deliver(read(record, context), sink),
});
