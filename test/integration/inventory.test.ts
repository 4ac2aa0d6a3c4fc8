import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { microwall } from '../cli/microwall.ts';
import { startClickHouseFront } from '../helpers/clickhouse-http-front.ts';

const TIME = Date.UTC(2026, 4, 4, 10);
const iso = (time: number) => new Date(time).toISOString();

interface Pod {
  readonly name: string;
  readonly app: string;
  readonly owner: string;
  readonly address: string;
  /** Hours after `TIME` at which it came and went. */
  readonly from: number;
  readonly to: number;
}

/** `cart-1` went and its address went to `mail-1`; `report` is a CronJob. */
const PODS: readonly Pod[] = [
  { name: 'web-6b687c8dcb-zn5s2', app: 'web', owner: 'Deployment', address: '10.0.0.1', from: -5, to: 9 },
  { name: 'web-6b687c8dcb-qx7kp', app: 'web', owner: 'Deployment', address: '10.0.0.2', from: -5, to: 9 },
  { name: 'cart-5d4f8b9c77-x2x4z', app: 'cart', owner: 'Deployment', address: '10.0.0.3', from: -5, to: 1.5 },
  { name: 'mail-7f9c6d5b44-bbbbb', app: 'mail', owner: 'Deployment', address: '10.0.0.3', from: 1.5, to: 9 },
  { name: 'db-0', app: 'db', owner: 'StatefulSet', address: '10.0.0.4', from: -5, to: 9 },
  { name: 'agent-x7k2p', app: 'agent', owner: 'DaemonSet', address: '10.0.0.5', from: -5, to: 9 },
  { name: 'report-29631240-k2k4z', app: 'report', owner: 'CronJob', address: '10.0.0.6', from: 0.5, to: 1 },
];

/** Client, server, port and hours: who called whom. */
const CALLS: readonly [string, string, number, number][] = [
  ['web-6b687c8dcb-zn5s2', 'cart-5d4f8b9c77-x2x4z', 8080, 0.1],
  ['web-6b687c8dcb-zn5s2', 'cart-5d4f8b9c77-x2x4z', 8080, 1.2],
  ['web-6b687c8dcb-zn5s2', 'mail-7f9c6d5b44-bbbbb', 8080, 1.7],
  ['web-6b687c8dcb-qx7kp', 'cart-5d4f8b9c77-x2x4z', 8080, 0.2],
  ['cart-5d4f8b9c77-x2x4z', 'db-0', 5432, 1.1],
  ['mail-7f9c6d5b44-bbbbb', 'db-0', 5432, 1.9],
  ['report-29631240-k2k4z', 'db-0', 5432, 0.75],
  ['agent-x7k2p', 'web-6b687c8dcb-zn5s2', 9100, 0.3],
];

const podOf = (name: string): Pod => PODS.find((pod) => pod.name === name) as Pod;
const time = ([, , , hours]: (typeof CALLS)[number]) => TIME + hours * 3_600_000;
const workloadOf = ({ app }: Pod) => app;

function hubble(): string {
  const end = (pod: Pod) => ({
    namespace: 'shop',
    labels: [`k8s:app=${pod.app}`, 'k8s:io.kubernetes.pod.namespace=shop'],
    pod_name: pod.name,
    workloads: [{ name: workloadOf(pod), kind: pod.owner }],
  });
  const records = CALLS.map((call) => ({
    flow: {
      time: iso(time(call)),
      verdict: 'FORWARDED',
      IP: { source: podOf(call[0]).address, destination: podOf(call[1]).address, ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: call[2], flags: { SYN: true } } },
      source: end(podOf(call[0])),
      destination: end(podOf(call[1])),
      Type: 'L3_L4',
      event_type: { type: 4 },
      traffic_direction: 'INGRESS',
      trace_observation_point: 'TO_ENDPOINT',
      is_reply: false,
    },
    node_name: 'node-1',
  }));
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function netobserv(): string {
  const end = (prefix: 'Src' | 'Dst', pod: Pod) => ({
    [`${prefix}Addr`]: pod.address,
    [`${prefix}K8S_Name`]: pod.name,
    [`${prefix}K8S_Namespace`]: 'shop',
    [`${prefix}K8S_Type`]: 'Pod',
    [`${prefix}K8S_OwnerName`]: workloadOf(pod),
    [`${prefix}K8S_OwnerType`]: pod.owner,
  });
  const records = CALLS.map((call) => ({
    ...end('Src', podOf(call[0])),
    ...end('Dst', podOf(call[1])),
    ...{ SrcPort: 40_000, DstPort: call[2], Proto: 6, Flags: ['SYN'], FlowDirection: 0 },
    ...{ Bytes: 100, Packets: 1, TimeFlowRttNs: 1000, TimeFlowStartMs: time(call), TimeFlowEndMs: time(call) },
  }));
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

const AWS_FORMAT =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags flow-direction';

function aws(): string {
  const lines = CALLS.map((call) => {
    const start = Math.floor(time(call) / 1000);
    const ends = `${podOf(call[0]).address} ${podOf(call[1]).address} 40000 ${call[2]}`;
    return `5 123456789012 eni-1 ${ends} 6 3 180 ${start} ${start} ACCEPT OK 2 ingress\n`;
  });
  return lines.join('');
}

/** What `kubectl get … -o json` lists `hours` after `TIME`. */
function kubectl(hours: number): string {
  const alive = PODS.filter(({ from, to }) => from <= hours && hours < to);
  const items = alive.flatMap((pod) => podItems(pod));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 4);
}

function podItems(pod: Pod): unknown[] {
  const [controller, ...above] = ownersOf(pod);
  const item = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: 'shop',
      uid: pod.name,
      creationTimestamp: iso(TIME + pod.from * 3_600_000),
      labels: { app: pod.app, 'pod-template-hash': '6b687c8dcb' },
      ownerReferences: [{ ...controller, controller: true }],
    },
    spec: { containers: [{ name: 'main', ports: [{ name: 'main', containerPort: 8080 }] }] },
    status: { phase: 'Running', podIP: pod.address, podIPs: [{ ip: pod.address }] },
  };
  const step = { kind: controller?.kind, metadata: { ...controller, namespace: 'shop', ownerReferences: above } };
  return above.length > 0 ? [item, step] : [item];
}

function ownersOf({ name, app, owner }: Pod): { kind: string; name: string }[] {
  const step = name.slice(0, name.lastIndexOf('-'));
  if (owner === 'Deployment')
    return [
      { kind: 'ReplicaSet', name: step },
      { kind: owner, name: app },
    ];
  if (owner === 'CronJob')
    return [
      { kind: 'Job', name: step },
      { kind: owner, name: app },
    ];
  return [{ kind: owner, name: app }];
}

const SNAPSHOTS = [0, 0.6, 1.3, 1.6, 2];

interface Place {
  readonly args: readonly string[];
  end(): Promise<void>;
}

async function folder(): Promise<Place> {
  const data = mkdtempSync(join(tmpdir(), 'microwall-inventory-'));
  return { args: ['--data', data], end: async () => rmSync(data, { recursive: true, force: true }) };
}

async function front(): Promise<Place> {
  const started = await startClickHouseFront();
  return { args: ['--clickhouse', started.url], end: () => started.stop() };
}

describe.each([
  ['embedded', folder],
  ['over HTTP', front],
])('an inventory of a cluster, %s', (_, start) => {
  let place: Place;
  let expected: unknown;

  const ok = async (args: readonly string[], input = '') => {
    const ran = await microwall([...args, ...place.args], input);
    expect(ran).toMatchObject({ exit: 0 });
    return ran.out;
  };
  const edges = async () => {
    const all = JSON.parse(await ok(['query', 'edges', '-o', 'json', '--limit', '0']));
    return all.map(
      ({ client, server, protocol, port, flows, passed, firstSeen, lastSeen }: Record<string, unknown>) => ({
        ...{ client, server, protocol, port, flows, passed, firstSeen, lastSeen },
      }),
    );
  };

  beforeAll(async () => {
    place = await start();
    await ok(['ingest', '-', '--cluster', 'prod'], hubble());
    expected = await edges();
    expect(expected).toHaveLength(6);
    await place.end();
  });

  test.each([
    ['NetObserv', netobserv, []],
    ['AWS', aws, ['--option', `aws-format=${AWS_FORMAT}`]],
  ] as const)('%s gives the edges that Hubble gives, whichever came first', async (_name, records, options) => {
    place = await start();
    const ingest = () => ok(['ingest', '-', '--cluster', 'prod', '-q', ...options], records());
    for (const hours of SNAPSHOTS.slice(3)) await take(hours);
    await ingest();
    for (const hours of SNAPSHOTS.slice(0, 3)) await take(hours);
    expect(await edges()).toEqual(expected);
    await place.end();

    async function take(hours: number): Promise<void> {
      const at = iso(TIME + hours * 3_600_000);
      await ok(['inventory', '-', '--cluster', 'prod', '--at', at, '-q'], kubectl(hours));
    }
  });
});
