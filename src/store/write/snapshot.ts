import { isIP } from 'node:net';
import type { LabelSet } from '../../model/labels.ts';
import type {
  NamedPort,
  ServicePort,
  Snapshot,
  SnapshotNode,
  SnapshotPod,
  SnapshotService,
  SnapshotWorkload,
} from '../../model/snapshot.ts';
import { hash64 } from '../../util/hash64.ts';
import type { Store } from '../store.ts';
import { insertRows } from './batch.ts';
import { encodeTime, escapeText } from './encode.ts';

/** Rows of one insert. */
const BATCH_ROWS = 20_000;

/** Whether the same content was stored before; with `at`, whether as of that time. */
export async function hasSnapshot(
  store: Store,
  { cluster, digest, at }: { readonly cluster: string; readonly digest: string; readonly at: number | undefined },
): Promise<boolean> {
  const rows = await store.query(
    'SELECT toFloat64(toUnixTimestamp64Milli(at)) FROM snapshots WHERE cluster = {cluster:String} AND digest = {digest:String}',
    { cluster, digest },
  );
  return rows.some(([time]) => at === undefined || time === at);
}

/**
 * Stores what a snapshot told. Storing it again changes nothing, and so does an interruption before the end: the note
 * of the snapshot itself comes last, and only it lets the absence of something count.
 */
export async function writeSnapshot(store: Store, snapshot: Snapshot): Promise<void> {
  const { cluster, at, digest } = snapshot;
  const sets = new Set<LabelSet>([...snapshot.pods, ...snapshot.workloads].map(({ labels }) => labels));
  const write = async (table: string, lines: readonly string[]) => {
    for (let from = 0; from < lines.length; from += BATCH_ROWS)
      await insertRows(
        store,
        table,
        `inventory#${cluster}#${at}#${digest}#${table}#${from}`,
        lines.slice(from, from + BATCH_ROWS),
      );
  };
  const versions = <T extends Versioned>(things: readonly T[], tell: (thing: T) => string[]) =>
    things.map((thing) => versionLine(snapshot, thing, tell(thing)));
  await write(
    'label_sets',
    [...sets].map(({ id, labels }) => line([id, map(labels)])),
  );
  await write(
    'namespaces',
    snapshot.namespaces.map(({ name, labels }) => line([text(cluster), text(name), map(labels), encodeTime(at)])),
  );
  await write('pods', versions(snapshot.pods, podFields));
  await write('services', versions(snapshot.services, serviceFields));
  await write('nodes', versions(snapshot.nodes, nodeFields));
  await write('workloads', versions(snapshot.workloads, workloadFields));
  const { pods, services, nodes, workloads, namespaces } = snapshot;
  const objects = pods.length + services.length + nodes.length + workloads.length + namespaces.length;
  await write('snapshots', [
    line([text(cluster), encodeTime(at), text(digest), list(snapshot.covers.map(quoted)), String(objects)]),
  ]);
}

interface Versioned {
  readonly uid: string;
  readonly since: number;
  readonly ended?: number;
}

/** A pod's end is no new version of it. */
function versionLine({ cluster, at }: Snapshot, thing: Versioned, fields: readonly string[]): string {
  const ended = thing.ended === undefined ? [] : [encodeTime(thing.ended)];
  const seen = encodeTime(at);
  const version = hash64(fields.join('\t'));
  return line([text(cluster), text(thing.uid), version, ...fields, ...ended, encodeTime(thing.since), seen, seen]);
}

function podFields(pod: SnapshotPod): string[] {
  return [
    ...[text(pod.namespace), text(pod.name), addresses(pod.addresses), text(pod.workload), text(pod.workloadKind)],
    ...[pod.labels.id, map(pod.allLabels), text(pod.serviceAccount), text(pod.node), pod.hostNetwork ? '1' : '0'],
    ports(pod.ports),
  ];
}

function serviceFields(service: SnapshotService): string[] {
  const { namespace, name, selector } = service;
  return [text(namespace), text(name), addresses(service.addresses), servicePorts(service.ports), map(selector)];
}

function nodeFields(node: SnapshotNode): string[] {
  return [text(node.name), addresses(node.addresses)];
}

function workloadFields(workload: SnapshotWorkload): string[] {
  return [
    ...[text(workload.namespace), text(workload.kind), text(workload.name), workload.labels.id],
    ...[text(workload.serviceAccount), ports(workload.ports), String(workload.replicas), text(workload.schedule)],
  ];
}

const text = escapeText;
const quoted = (value: string): string => `'${escapeText(value)}'`;
const list = (values: readonly string[]): string => `[${values.join(',')}]`;
const line = (fields: readonly string[]): string => `${fields.join('\t')}\n`;

function map(labels: ReadonlyMap<string, string>): string {
  return `{${[...labels].map(([key, value]) => `${quoted(key)}:${quoted(value)}`).join(',')}}`;
}

function addresses(of: readonly string[]): string {
  return list(
    of
      .filter((address) => isIP(address) > 0)
      .map((address) => `'${isIP(address) === 4 ? `::ffff:${address}` : address}'`),
  );
}

function ports(of: readonly NamedPort[]): string {
  return list(of.map(({ name, protocol, port }) => `(${quoted(name)},${protocol},${port})`));
}

function servicePorts(of: readonly ServicePort[]): string {
  return list(of.map(({ name, protocol, port, target }) => `(${quoted(name)},${protocol},${port},${quoted(target)})`));
}
