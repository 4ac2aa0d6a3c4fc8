import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Vantage } from '../../src/model/enums.ts';
import { addressAndPort } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import type { DecodeContext, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, has, present, text } from './fields.ts';
import { requestedServer, type UpstreamCluster, upstreamCluster } from './istio-cluster.ts';
import { proxyOutcome } from './istio-verdict.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { serviceHost } from './service-host.ts';
import { meshIdentity } from './spiffe.ts';
import { parseTime } from './time.ts';

/**
 * The default format has no identities; a mesh that adds them chooses the keys. Each option lists keys, the first
 * that is filled counts: `istio-client-principal` and `istio-server-principal`, separated by commas.
 */
const CLIENT_KEYS = {
  src: ['source_principal', 'upstream_local_uri_san'],
  dst: ['source_principal', 'downstream_peer_uri_san'],
};
const SERVER_KEYS = {
  src: ['destination_principal', 'upstream_peer_uri_san'],
  dst: ['destination_principal', 'downstream_local_uri_san'],
};

function principalOf(record: JsonObject, configured: string | undefined, defaults: readonly string[]) {
  const keys = configured === undefined || configured === '' ? defaults : configured.split(',');
  const key = keys.map((name) => name.trim()).find((name) => present(record[name]) !== '');
  return meshIdentity(key === undefined ? '' : record[key]);
}

/** An end known by identity is a workload of the mesh; others only by address. */
function endOf(identity: ReturnType<typeof meshIdentity>, found: string, namespace: string): Endpoint {
  const { principal } = identity;
  if (principal !== '') return endpoint({ kind: 'pod', namespace: identity.namespace, principal });
  return endpoint({ kind: namespace === '' ? kindOfAddress(found) : 'unknown', namespace });
}

/**
 * The server's own sidecar knows the address the client called (its upstream is the local application); the client's
 * proxy knows the pod it chose, or, when it chose none, only the address that was called.
 */
function serverSide(record: JsonObject, cluster: UpstreamCluster) {
  const called = addressAndPort(record.downstream_local_address);
  if (cluster.vantage === 'dst') return { address: called.address, port: cluster.port || called.port };
  const chosen = addressAndPort(record.upstream_host);
  return chosen.address === '' ? called : chosen;
}

const withoutPort = (authority: string): string => authority.replace(/:\d+$/, '');
const isName = (host: string): boolean => /^[a-z0-9_*-]+(\.[a-z0-9_-]+)+$/i.test(host) && !/^[\d.]+$/.test(host);

function serviceOf(record: JsonObject, cluster: UpstreamCluster) {
  const asked = requestedServer(present(record.requested_server_name));
  const host = cluster.host || asked.host;
  const service = serviceHost(host);
  const servicePort = (cluster.vantage === 'src' ? cluster.port : 0) || asked.port;
  const server = present(record.requested_server_name) || withoutPort(present(record.authority));
  const outside = cluster.undeclared === 'no' ? host : server;
  const names = service.serviceName === '' && isName(outside) && cluster.vantage === 'src' ? [outside] : [];
  return { ...service, servicePort, serverNames: names };
}

/** Method, path without query and code: queries and headers can hold secrets. */
function request(record: JsonObject, method: string) {
  if (method === '') return {};
  const path = present(record.path).split(/[?#;]/)[0] ?? '';
  return { l7: 'http', l7Detail: `${method} ${path} ${present(record.response_code)}`.trim() };
}

const IDENTITY = [
  ...['start_time', 'request_id', 'upstream_cluster', 'downstream_remote_address', 'downstream_local_address'],
  ...['upstream_host', 'method', 'path', 'response_code', 'duration', 'bytes_received', 'bytes_sent'],
];

function outcomeOf(record: JsonObject, method: string, cluster: UpstreamCluster) {
  if (cluster.undeclared !== 'blocked') return proxyOutcome(record, method);
  return { verdict: 'deny', reason: 'default_deny', attribution: 'none', deniedBy: [] } as const;
}

function read(record: JsonObject, context: DecodeContext): Reading {
  const time = parseTime(record.start_time) ?? parseTime(record['@timestamp']);
  if (time === undefined) return { reject: 'bad-time', detail: 'start_time is missing or no plausible time' };
  const cluster = upstreamCluster(present(record.upstream_cluster));
  const side: 'src' | 'dst' = cluster.vantage === 'dst' ? 'dst' : 'src';
  const method = present(record.method);
  const client = addressAndPort(record.downstream_remote_address);
  const server = serverSide(record, cluster);
  const service = serviceOf(record, cluster);
  const clientIdentity = principalOf(record, context.options['istio-client-principal'], CLIENT_KEYS[side]);
  const serverIdentity = principalOf(record, context.options['istio-server-principal'], SERVER_KEYS[side]);
  return {
    flow: newFlow('istio', context, {
      time,
      endTime: time + count(record.duration),
      vantage: cluster.vantage satisfies Vantage,
      oriented: 'reported',
      protocol: present(record.protocol) === 'HTTP/3' ? 17 : 6,
      client: endOf(clientIdentity, client.address, ''),
      server: endOf(serverIdentity, server.address, service.serviceNamespace),
      clientAddress: client.address,
      clientPort: client.port,
      serverAddress: server.address,
      serverPort: server.port,
      ...service,
      ...outcomeOf(record, method, cluster),
      // One line per request, and many requests per connection; without requests one line per connection.
      connections: method === '' ? 1 : 0,
      connectionBasis: method === '' ? 'event' : 'row',
      bytesForward: count(record.bytes_received),
      bytesReverse: count(record.bytes_sent),
      ...request(record, method),
      eventId: eventId('istio', ...IDENTITY.map((key) => text(record[key]))),
    }),
  };
}

/** Envoy's JSON access log with Istio's default keys (istio/istio, pilot/pkg/model/telemetry_logging.go). */
export const istio = jsonDecoder({
  format: 'istio',
  recognises: (record) =>
    has(record, 'upstream_cluster') && (has(record, 'response_code') || has(record, 'response_flags')),
  decode: (record, context, sink) => deliver(read(record, context), sink),
});
