import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Attribution, FlowVerdict, Reason } from '../../src/model/enums.ts';
import { addressAndPort } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import type { DecodeContext, Decoder, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, has, object, part, present, text } from './fields.ts';
import { policyRef } from './policy-ref.ts';
import { deliver, type Reading } from './reading.ts';
import { serviceHost } from './service-host.ts';
import { meshIdentity } from './spiffe.ts';
import { epochTime, parseTime } from './time.ts';
import { workloadOfPod } from './workload-name.ts';

const LINE = /^(\S+)\s+[A-Z]+\s+access(?:\{[^}]*\})?:?\s+(.*)$/;
const PAIR = /([A-Za-z_][\w.]*)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g;

/** A text line `time LEVEL access: message key=value …` as a record with the keys of the JSON form. */
function parseLine(line: string): JsonObject | undefined {
  const match = LINE.exec(line);
  if (match === null || !line.includes('src.addr=')) return undefined;
  const rest = match[2] ?? '';
  const pairs = [...rest.matchAll(PAIR)].map(([, key = '', quoted, bare]): [string, string] => [
    key,
    quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1'),
  ]);
  const message = rest.slice(0, Math.max(0, rest.search(/\s?[A-Za-z_][\w.]*=/))).trim();
  return { time: match[1], message, ...Object.fromEntries(pairs) };
}

/** JSON logs put the fields at the top or under `fields`. */
function flattened(record: JsonObject): JsonObject {
  const fields = object(record.fields);
  return fields === undefined ? record : { time: record.timestamp ?? record.time, ...fields };
}

/** The tunnel's own port, never a workload's; the address that was asked for stands in a field of its own. */
const TUNNEL_PORT = 15_008;

function serverAddress(record: JsonObject) {
  const outer = addressAndPort(record['dst.addr']);
  const inner = addressAndPort(record['dst.hbone_addr']);
  if (inner.address !== '') return inner;
  return outer.port === TUNNEL_PORT ? { address: outer.address, port: 0 } : outer;
}

function endpointOf(record: JsonObject, end: 'src' | 'dst', found: string): Endpoint {
  const told = (field: string): string => present(record[`${end}.${field}`]);
  const identity = meshIdentity(told('identity'));
  const namespace = told('namespace') || identity.namespace;
  const pod = told('workload');
  const { principal } = identity;
  if (pod !== '') return endpoint({ kind: 'pod', namespace, pod, principal, ...workloadOfPod(pod) });
  const service = serviceHost(told('service'));
  if (service.serviceName !== '') {
    return endpoint({ kind: 'service', namespace: service.serviceNamespace, peer: service.serviceName, principal });
  }
  return endpoint({ kind: principal === '' ? kindOfAddress(found) : 'pod', namespace, principal });
}

interface Outcome {
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
  readonly attribution: Attribution;
  readonly deniedBy: readonly string[];
}

/** Denials are errors that speak of policy; those by a DENY rule name it. */
function outcomeOf(record: JsonObject): Outcome {
  const error = present(record.error);
  const none = { attribution: 'none', deniedBy: [] } as const;
  if (error.includes('policy rejection')) {
    const named = /denied by:?\s*"?(?:([\w.-]+)\/)?([\w.-]+)/.exec(error);
    if (named === null) return { verdict: 'deny', reason: 'default_deny', attribution: 'partial', deniedBy: [] };
    const ref = policyRef({ kind: 'istio', scope: named[1] ?? '', name: named[2] ?? '', rule: '' });
    return { verdict: 'deny', reason: 'explicit_deny', attribution: 'full', deniedBy: [ref] };
  }
  const moved = count(record.bytes_sent) > 0 || count(record.bytes_recv) > 0;
  if (error === '' || moved) return { verdict: 'allow', reason: 'none', ...none };
  return { verdict: 'error', reason: 'other_drop', ...none };
}

const IDENTITY = [
  'time',
  'src.addr',
  'dst.addr',
  'dst.hbone_addr',
  'direction',
  'bytes_sent',
  'bytes_recv',
  'duration',
];

/** `Kubernetes` is what Istio calls every cluster that nobody named. */
function clusterOf(record: JsonObject, outbound: boolean): string {
  const named = present(record[outbound ? 'src.cluster' : 'dst.cluster']);
  return named === 'Kubernetes' ? '' : named;
}

function read(record: JsonObject, context: DecodeContext): Reading {
  if (text(record.message).includes('opened')) return { skip: 'connection-opened' };
  const time = parseTime(record.time ?? record.timestamp);
  if (time === undefined) return { reject: 'bad-time', detail: 'the line does not begin with a plausible time' };
  const outbound = present(record.direction) === 'outbound';
  const client = addressAndPort(record['src.addr']);
  const server = serverAddress(record);
  const service = serviceHost(present(record['dst.service']));
  const [sent, received] = [count(record.bytes_sent), count(record.bytes_recv)];
  return {
    flow: newFlow('ztunnel', context, {
      time: epochTime(time - count(text(record.duration).replace(/ms$/, '')), 'ms') ?? time,
      endTime: time,
      cluster: clusterOf(record, outbound) || context.cluster,
      vantage: outbound ? 'src' : 'dst',
      oriented: 'reported',
      protocol: 6,
      client: endpointOf(record, 'src', client.address),
      server: endpointOf(record, 'dst', server.address),
      clientAddress: client.address,
      clientPort: client.port,
      serverAddress: server.address,
      serverPort: server.port,
      ...service,
      servicePort: outbound && service.serviceName !== '' ? server.port : 0,
      ...outcomeOf(record),
      connections: 1,
      connectionBasis: 'event',
      bytesForward: outbound ? sent : received,
      bytesReverse: outbound ? received : sent,
      eventId: eventId('ztunnel', ...IDENTITY.map((key) => text(record[key]))),
    }),
  };
}

const isAccess = (record: JsonObject): boolean => {
  const fields = part(record.fields);
  return (has(record, 'src.addr') && has(record, 'dst.addr')) || (has(fields, 'src.addr') && has(fields, 'dst.addr'));
};

/** Access log of Istio's ztunnel, text or JSON (istio/ztunnel, src/proxy/metrics.rs); its form is declared unstable. */
export const ztunnel: Decoder = {
  format: 'ztunnel',
  recognises: (record) => (typeof record === 'string' ? parseLine(record) !== undefined : isAccess(record)),
  decode(record, context, sink) {
    const fields = typeof record === 'string' ? parseLine(record) : flattened(record);
    if (fields !== undefined) deliver(read(fields, context), sink);
    else sink.reject('bad-line', 'not a line of the access target');
  },
};
