import { present } from '../decode/fields.ts';
import type { Origin } from '../decode/unwrap-envelope.ts';
import type { SourceMessage } from '../kafka/source.ts';

type Headers = SourceMessage['headers'];

/** Headers in which producers name cluster and node; the first that is filled counts. */
const CLUSTER = ['k8s.cluster.name', 'cluster_name', 'cluster'];
const NODE = ['k8s.node.name', 'node_name', 'node', 'host.name', 'hostname', 'host'];

/**
 * Where the records of a message came from as far as its headers tell; `undefined` when they tell nothing. It counts
 * after record and envelope and before the settings of the topic.
 */
export function originOfHeaders(headers: Headers): Origin | undefined {
  if (isEmpty(headers)) return undefined;
  const cluster = firstOf(headers, CLUSTER);
  const node = firstOf(headers, NODE);
  return cluster === '' && node === '' ? undefined : { cluster, node };
}

/** Headers that tell `origin` and nothing else. */
export function headersOf({ cluster, node }: Origin): Headers {
  return { 'k8s.cluster.name': cluster, 'k8s.node.name': node };
}

/** Asked for every message, and most have none. */
function isEmpty(headers: Headers): boolean {
  for (const _name in headers) return false;
  return true;
}

function firstOf(headers: Headers, names: readonly string[]): string {
  for (const name of names) {
    const value = headers[name];
    const one = Array.isArray(value) ? value[0] : value;
    const text = one === undefined ? '' : present(typeof one === 'string' ? one : one.toString('utf8'));
    if (text !== '') return text;
  }
  return '';
}
