import { NO_ENDPOINT, newFlow } from '../../ingest/decode/draft.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Flow } from '../../src/model/flow.ts';
import { LabelInterner, type LabelSet } from '../../src/model/labels.ts';
import type { Snapshot, SnapshotPod, SnapshotService } from '../../src/model/snapshot.ts';

const interner = new LabelInterner();
const CONTEXT = { cluster: 'prod', node: '', interner, options: {} };
const START = Date.UTC(2026, 10, 1);

/** Milliseconds since the epoch of so many hours after the start of the tests' time. */
export function at(hours: number): number {
  return START + Math.round(hours * 3_600_000);
}

export function labels(of: Readonly<Record<string, string>>): LabelSet {
  return interner.intern(new Map(Object.entries(of)));
}

export function end(known: Partial<Endpoint>): Endpoint {
  return { ...NO_ENDPOINT, ...known };
}

/** A flow of which the source knows addresses and ports only: what a cloud's logs tell. */
export function bareFlow(time: number, client: string, server: string, known: Partial<Flow> = {}): Flow {
  return newFlow('aws_vpc', CONTEXT, {
    time,
    vantage: 'src',
    oriented: 'flags',
    protocol: 6,
    clientAddress: client,
    serverAddress: server,
    clientPort: 40_000,
    serverPort: 8080,
    verdict: 'allow',
    connections: 1,
    connectionBasis: 'syn',
    eventId: '1',
    ...known,
  });
}

/** A pod of Deployment `workload` in `shop` with the label `app`. */
export function pod(name: string, address: string, known: Partial<SnapshotPod> = {}): SnapshotPod {
  const workload = known.workload ?? name.replace(/-\d+$/, '');
  return {
    uid: `uid-${name}`,
    name,
    namespace: 'shop',
    since: at(0),
    addresses: [address],
    workload,
    workloadKind: 'Deployment',
    labels: labels({ app: workload }),
    allLabels: new Map([['app', workload]]),
    serviceAccount: 'default',
    node: 'node-1',
    hostNetwork: false,
    ports: [{ name: 'http', protocol: 6, port: 8080 }],
    ended: 0,
    ...known,
  };
}

/** A Service in `shop` that sends port 80 to the port `http` of pods with `app: <name>`. */
export function service(name: string, address: string, known: Partial<SnapshotService> = {}): SnapshotService {
  return {
    uid: `uid-${name}`,
    name,
    namespace: 'shop',
    since: at(0),
    addresses: [address],
    ports: [{ name: 'http', protocol: 6, port: 80, target: 'http' }],
    selector: new Map([['app', name]]),
    ...known,
  };
}

/** A whole snapshot of cluster `prod`. */
export function snapshot(hours: number, known: Partial<Snapshot>): Snapshot {
  return {
    cluster: 'prod',
    at: at(hours),
    digest: JSON.stringify([hours, known.pods?.map(({ uid }) => uid)]),
    covers: ['Pod', 'Service', 'Node', 'Namespace', 'Deployment'],
    pods: [],
    services: [],
    nodes: [],
    workloads: [],
    namespaces: [],
    ...known,
  };
}
