import type { Endpoint } from '../../src/model/endpoint.ts';
import { type LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { address } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import type { DecodeContext, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow, turned } from './draft.ts';
import { object, part, port, present, text } from './fields.ts';
import { labelsOfObject, labelsOfText } from './label-hygiene.ts';
import { type Opener, openerByPorts, UNKNOWN_OPENER } from './orientation.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { epochTime, parseTime } from './time.ts';
import { workloadOfPod } from './workload-name.ts';

const TYPES = new Set(['connect', 'accept', 'close']);

/** `k=v,k=v` or an object; nothing means that the gadget did not look. */
function labelsOf(value: unknown, interner: LabelInterner): LabelSet {
  if (object(value) !== undefined) return labelsOfObject(value, interner);
  const written = present(value);
  return written === '' ? UNKNOWN_LABELS : labelsOfText(written, ',', interner);
}

/** What the record says of an end by itself: a pod, a Service or a bare address. */
function remoteOf(end: JsonObject, interner: LabelInterner): Endpoint {
  const known = part(end.k8s);
  const [kind, name, namespace] = [text(known.kind), present(known.name), present(known.namespace)];
  if (kind === 'svc') return endpoint({ kind: 'service', namespace, peer: name });
  if (name === '') return endpoint({ kind: kindOfAddress(address(end.addr)) });
  return endpoint({
    kind: 'pod',
    namespace,
    pod: name,
    labels: labelsOf(known.labels, interner),
    ...workloadOfPod(name),
  });
}

/** The local end is the observed container, of which the record knows more. Host-network pods are hosts to policies. */
function localOf(record: JsonObject, end: JsonObject, interner: LabelInterner): Endpoint {
  const container = part(record.k8s);
  const pod = present(container.podName);
  if (container.hostnetwork === true) return endpoint({ kind: 'host', peer: present(container.node) });
  if (pod === '') return remoteOf(end, interner);
  const owner = part(container.owner);
  const guessed = workloadOfPod(pod);
  return endpoint({
    kind: 'pod',
    namespace: present(container.namespace),
    workload: present(owner.name) || guessed.workload,
    workloadKind: present(owner.kind) || guessed.workloadKind,
    pod,
    labels: labelsOf(container.podLabels ?? part(end.k8s).labels, interner),
  });
}

/** The local end always stands in `src`: it opened with `connect` and answered with `accept`. */
function openerOf(type: string, localPort: number, remotePort: number): Opener {
  if (type === 'connect') return { oriented: 'reported', order: 'forward' };
  if (type === 'accept') return { oriented: 'reported', order: 'reply' };
  return openerByPorts(localPort, remotePort) ?? UNKNOWN_OPENER;
}

/** A connect that is still under way has not failed. */
const failed = (error: string): boolean => error !== '' && error !== '0' && error !== 'EINPROGRESS';

const IDENTITY = ['timestamp', 'type', 'pid', 'tid', 'mntns_id', 'netns_id'];

function read(record: JsonObject, context: DecodeContext): Reading {
  const time = parseTime(record.timestamp) ?? epochTime(record.timestamp_raw, 'ns');
  if (time === undefined) return { reject: 'bad-time', detail: 'timestamp is missing or no plausible time' };
  const [local, remote] = [part(record.src), part(record.dst)];
  const [localPort, remotePort] = [port(local.port), port(remote.port)];
  const type = text(record.type);
  const opener = openerOf(type, localPort, remotePort);
  const far = remoteOf(remote, context.interner);
  const isService = far.kind === 'service';
  const flow = newFlow('gadget', context, {
    time,
    node: present(part(record.k8s).node) || context.node,
    vantage: opener.oriented === 'unknown' ? 'unknown' : 'src',
    oriented: opener.oriented,
    protocol: protocolNumber(local.proto ?? remote.proto) || 6,
    client: localOf(record, local, context.interner),
    server: far,
    clientAddress: address(local.addr),
    serverAddress: address(remote.addr),
    clientPort: localPort,
    serverPort: remotePort,
    ...(isService ? { serviceNamespace: far.namespace, serviceName: far.peer, servicePort: remotePort } : {}),
    verdict: failed(present(record.error)) ? 'error' : 'allow',
    connections: type === 'close' ? 0 : 1,
    connectionBasis: 'event',
    eventId: eventId('gadget', text(local.addr), localPort, text(remote.addr), remotePort, ...identity(record)),
  });
  return { flow: opener.order === 'reply' ? turned(flow, 'packet-wise') : flow };
}

const identity = (record: JsonObject): readonly string[] => IDENTITY.map((key) => text(record[key]));

/** Events of Inspektor Gadget's trace_tcp (inspektor-gadget/inspektor-gadget, gadgets/trace_tcp). */
export const gadget = jsonDecoder({
  format: 'gadget',
  recognises: (record) =>
    object(record.src) !== undefined &&
    object(record.dst) !== undefined &&
    'addr' in part(record.src) &&
    TYPES.has(text(record.type)),
  decode: (record, context, sink) => deliver(read(record, context), sink),
});
