import type { Endpoint } from '../../src/model/endpoint.ts';
import { type LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { type TraceOutcome, traceOutcome } from './calico-trace.ts';
import type { DecodeContext, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, has, list, object, port, present } from './fields.ts';
import { GOLDMANE_ACTIONS, hitOf } from './goldmane-hits.ts';
import { GoldmaneRecord } from './goldmane-scan.ts';
import {
  countsOf,
  endOf,
  enumName,
  flowOf,
  type GoldmaneCounts,
  type GoldmaneEnd,
  type GoldmaneTarget,
  keyOf,
  labelsOf,
  targetOf,
  tracesOf,
} from './goldmane-spelling.ts';
import { labelsOfList, labelsOfText } from './label-hygiene.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { epochTime, parseTime } from './time.ts';
import { workloadOfPrefix } from './workload-name.ts';

const REPORTERS = ['ReporterUnspecified', 'Src', 'Dst'];
const TYPES = ['EndpointTypeUnspecified', 'WorkloadEndpoint', 'HostEndpoint', 'NetworkSet', 'Network'];

function labelSetOf(value: unknown, whisker: boolean, interner: LabelInterner): LabelSet {
  if (Array.isArray(value)) return labelsOfList(value, interner);
  if (typeof value === 'string') return labelsOfText(value, ' | ', interner);
  // Zero values are omitted: outside Whisker a missing list is an empty one, and only workloads have labels.
  return whisker ? UNKNOWN_LABELS : labelsOfList([], interner);
}

function typeOf({ type, name, namespace }: GoldmaneEnd): string {
  const written = enumName(type, TYPES);
  if (written !== '' && written !== 'EndpointTypeUnspecified') return written;
  if (name === 'pub' || name === 'pvt') return 'Network';
  return namespace === '' ? '' : 'WorkloadEndpoint';
}

/** An end, and the endpoint that was made of it last. */
interface End extends GoldmaneEnd {
  last?: Endpoint;
}

function endpointOf(end: End, labels: LabelSet): Endpoint {
  if (end.last?.labels !== labels) end.last = readEndpoint(end, labels);
  return end.last;
}

function readEndpoint(end: GoldmaneEnd, labels: LabelSet): Endpoint {
  const { name, namespace } = end;
  const peer = namespace === '' ? name : `${namespace}/${name}`;
  switch (typeOf(end)) {
    case 'WorkloadEndpoint': {
      const { workload, workloadKind } = workloadOfPrefix(name);
      return endpoint({ kind: 'pod', namespace, labels, workload, workloadKind });
    }
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
function counters({ bytesIn, bytesOut, packetsIn, packetsOut }: GoldmaneCounts, reporter: string) {
  const isSource = reporter === 'Src';
  return {
    bytesForward: count(isSource ? bytesOut : bytesIn),
    bytesReverse: count(isSource ? bytesIn : bytesOut),
    packetsForward: count(isSource ? packetsOut : packetsIn),
    packetsReverse: count(isSource ? packetsIn : packetsOut),
  };
}

const timeOf = (value: unknown): number | undefined => epochTime(value, 's') ?? parseTime(value);

/** What tells flows of one time and reporter apart. */
function identityOf(source: GoldmaneEnd, dest: GoldmaneEnd, target: GoldmaneTarget): readonly string[] {
  const { serviceName, serviceNamespace, servicePortName } = target;
  const names = [source.name, dest.name, source.namespace, dest.namespace, present(target.port)];
  return [...names, serviceName, serviceNamespace, servicePortName, present(target.servicePort)];
}

/** Everything that the key of a flow says. */
interface GoldmaneKey {
  readonly reporter: string;
  readonly protocol: number;
  readonly outcome: TraceOutcome;
  readonly source: End;
  readonly dest: End;
  readonly target: GoldmaneTarget;
  /** A hash; with the times of a flow, what makes it itself. */
  readonly identity: string;
}

function readKey(key: JsonObject): GoldmaneKey {
  const reporter = enumName(key.reporter, REPORTERS);
  const action = enumName(key.action, GOLDMANE_ACTIONS).toLowerCase();
  const traces = tracesOf(key);
  const enforced = list(traces.enforced).map(hitOf);
  const outcome = traceOutcome(action, enforced, list(traces.pending).map(hitOf));
  const protocol = protocolNumber(key.proto ?? key.protocol);
  const [source, dest, target] = [endOf(key, 'source'), endOf(key, 'dest'), targetOf(key)];
  const hits = enforced.map((hit) => hit.identity);
  const identity = eventId(reporter, action, protocol, ...identityOf(source, dest, target), ...hits);
  return { reporter, protocol, outcome, source, dest, target, identity };
}

/** More flows than a cluster has at a time; beyond, the memory starts anew instead of growing. */
const KEY_LIMIT = 20_000;

const KEYS = new Map<JsonObject, GoldmaneKey>();

/** `readKey`, remembered for the keys that come again as the same object: those of records that were scanned. */
function knownKey(key: JsonObject): GoldmaneKey {
  const known = KEYS.get(key);
  if (known !== undefined) return known;
  const read = readKey(key);
  if (KEYS.size >= KEY_LIMIT) KEYS.clear();
  KEYS.set(key, read);
  return read;
}

function read(record: JsonObject, context: DecodeContext): Reading {
  const flow = flowOf(record);
  const key = keyOf(flow);
  const counts = countsOf(flow);
  const time = timeOf(counts.start);
  if (time === undefined) return { reject: 'bad-time', detail: 'start_time is missing or no plausible time' };
  const endTime = timeOf(counts.end) ?? time;
  const { reporter, protocol, outcome, source, dest, target, identity } =
    record instanceof GoldmaneRecord ? knownKey(key) : readKey(key);
  const isWhisker = key === flow;
  const labels = labelsOf(flow);
  const { bytesForward, bytesReverse, packetsForward, packetsReverse } = counters(counts, reporter);
  return {
    flow: newFlow('goldmane', context, {
      time,
      endTime,
      vantage: reporter === 'Src' ? 'src' : reporter === 'Dst' ? 'dst' : 'unknown',
      oriented: 'reported',
      protocol,
      client: endpointOf(source, labelSetOf(labels.source, isWhisker, context.interner)),
      server: endpointOf(dest, labelSetOf(labels.dest, isWhisker, context.interner)),
      serverPort: port(target.port),
      serviceNamespace: target.serviceNamespace,
      serviceName: target.serviceName,
      servicePort: port(target.servicePort),
      connections: count(counts.started),
      connectionBasis: isWhisker ? 'row' : 'reported',
      bytesForward,
      bytesReverse,
      packetsForward,
      packetsReverse,
      verdict: outcome.verdict,
      reason: outcome.reason,
      attribution: outcome.attribution,
      allowedBy: outcome.allowedBy,
      deniedBy: outcome.deniedBy,
      pending: outcome.pending,
      eventId: eventId('goldmane', time, endTime, identity),
    }),
  };
}

function recognises(record: JsonObject): boolean {
  const flow = flowOf(record);
  const key = object(flow.Key) ?? object(flow.key);
  if (key !== undefined) return (key.source_name ?? key.sourceName ?? key.dest_name ?? key.destName) !== undefined;
  const policies = object(flow.policies);
  return typeof flow.source_labels === 'string' && policies !== undefined && has(policies, 'enforced');
}

/** Goldmane flows (projectcalico/calico, goldmane/proto/api.proto and whisker-backend) in all three JSON spellings. */
export const goldmane = jsonDecoder({
  format: 'goldmane',
  recognises,
  decode: (record, context, sink) => deliver(read(record, context), sink),
});
