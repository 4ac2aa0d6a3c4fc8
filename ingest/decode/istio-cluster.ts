import type { Vantage } from '../../src/model/enums.ts';
import { port } from './fields.ts';

/** What the name of Envoy's upstream cluster tells in Istio's naming. */
export interface UpstreamCluster {
  readonly vantage: Vantage;
  /** Port in the name: the server's own on inbound, the Service's on outbound; 0 unknown. */
  readonly port: number;
  /** DNS name of an outbound destination; `''` otherwise. */
  readonly host: string;
  /** Egress to a host nobody declared, let through or blocked. */
  readonly undeclared: 'no' | 'passed' | 'blocked';
}

/** `inbound|8080||`, `outbound|80|v1|cart.shop.svc.cluster.local`, and the built-in names. */
export function upstreamCluster(name: string): UpstreamCluster {
  const plain = { port: 0, host: '', undeclared: 'no' } as const;
  if (name === 'PassthroughCluster') return { ...plain, vantage: 'src', undeclared: 'passed' };
  if (name === 'BlackHoleCluster') return { ...plain, vantage: 'src', undeclared: 'blocked' };
  if (name.startsWith('InboundPassthroughCluster')) return { ...plain, vantage: 'dst' };
  const [direction, written, , host = ''] = name.split('|');
  if (direction === 'inbound') return { ...plain, vantage: 'dst', port: port(written) };
  if (direction === 'outbound') return { ...plain, vantage: 'src', port: port(written), host };
  // Gateways that pass mutual TLS on name the cluster after the server name the client asked for.
  return { ...plain, vantage: 'proxy', ...requestedServer(name) };
}

const SERVER_NAME = /^outbound_\.(\d+)_\.[^.]*_\.(.+)$/;

/** `outbound_.8000_._.cart.shop.svc.cluster.local`: the Service that the client's proxy asked for in its handshake. */
export function requestedServer(name: string): { readonly host: string; readonly port: number } {
  const match = SERVER_NAME.exec(name);
  return match === null ? { host: '', port: 0 } : { host: match[2] ?? '', port: port(match[1]) };
}
