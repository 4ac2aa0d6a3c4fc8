import type { DayActivity, Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import type { EndpointKind } from '../../src/model/enums.ts';
import type { Inventory, Workload } from '../../src/model/inventory.ts';
import { LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { PROTOCOL_NUMBERS } from '../../src/model/ports.ts';

/** A described estate: workloads, and traffic between them as lines of text (see `parseTraffic`). */
export interface Estate {
  readonly workloads: Readonly<Record<string, EstateWorkload>>;
  readonly traffic: readonly string[];
}

export interface EstateWorkload {
  /** `null`: the source did not tell. Several sets: the labels changed in the window. */
  readonly labels: Readonly<Record<string, string>> | null | readonly Readonly<Record<string, string>>[];
  readonly replicas?: number;
  /** Known from a snapshot only. */
  readonly cluster?: string;
}

const DAY = 20_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Edges and inventory of an estate, all in the cluster `test`. */
export function buildEstate({ workloads, traffic }: Estate): { edges: Edge[]; inventory: Inventory } {
  const interner = new LabelInterner();
  const endpoints = new Map<string, EdgeEndpoint>();
  const known: Workload[] = Object.entries(workloads).flatMap(([id, described]) => {
    const [namespace = '', kind = '', name = ''] = id.split('/');
    const cluster = described.cluster ?? 'test';
    return labelSets(described, interner).map((labels) => ({
      ...{ cluster, namespace, kind, name, labels, namedPorts: [], serviceAccount: '' },
      replicas: described.replicas ?? 0,
    }));
  });
  const endpoint = (text: string): EdgeEndpoint => {
    const [id = '', version = '1'] = text.split('@');
    const existing = endpoints.get(text);
    if (existing) return existing;
    const created = id in workloads ? podEndpoint(known, id, Number(version)) : outsideEndpoint(text);
    endpoints.set(text, created);
    return created;
  };
  return {
    edges: traffic.flatMap((line) => parseTraffic(line, endpoint)),
    inventory: { workloads: known, namespaces: new Map() },
  };
}

function labelSets({ labels }: EstateWorkload, interner: LabelInterner): LabelSet[] {
  if (labels === null) return [UNKNOWN_LABELS];
  const sets = Array.isArray(labels) ? labels : [labels];
  return sets.map((set) => interner.intern(new Map(Object.entries(set))));
}

function podEndpoint(known: readonly Workload[], id: string, version: number): EdgeEndpoint {
  const matching = known.filter((w) => `${w.namespace}/${w.kind}/${w.name}` === id);
  const workload = matching[version - 1] as Workload;
  return {
    ...{ cluster: workload.cluster, kind: 'pod', peer: '', address: '' },
    ...{ namespace: workload.namespace, workload: workload.name, workloadKind: workload.kind, labels: workload.labels },
  };
}

/** `external:203.0.113.5`, `host:10.0.0.1`, `external:api.example.com=203.0.113.5` (peer and address). */
function outsideEndpoint(text: string): EdgeEndpoint {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const [address = '', peer = ''] = rest.split('=').reverse();
  return {
    ...{ cluster: 'test', kind: text.slice(0, colon) as EndpointKind, namespace: '', workload: '', workloadKind: '' },
    ...{ labels: UNKNOWN_LABELS, peer, address },
  };
}

/**
 * One line is one or more edges: `CLIENT > SERVER TCP/8080,UDP/53 [days=3] [clients=2] [hours=1] [from=5] [names=a,b]
 * [policies=a,b] [denied] [unclear] [unoriented]`. `days` counts days in a row from day `from`; `clients` is the number of client pods.
 */
function parseTraffic(line: string, endpoint: (text: string) => EdgeEndpoint): Edge[] {
  const [clientText = '', , serverText = '', portsText = '', ...options] = line.split(/\s+/);
  const option = (name: string, fallback: string): string =>
    options.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1) ?? fallback;
  const client = endpoint(clientText);
  const seen = observation(clientText, client, {
    days: Number(option('days', '3')),
    clients: Number(option('clients', '2')),
    hours: Number(option('hours', '12')),
    from: Number(option('from', '0')),
    at: Number(option('at', '0')),
    policies: option('policies', '').split(',').filter(Boolean),
  });
  const outcome = options.includes('denied') ? 'denied' : options.includes('unclear') ? 'unclear' : 'passed';
  return portsText.split(',').map((text) => {
    const [protocol = '', port = '0'] = text.split('/');
    return {
      ...{ client, server: endpoint(serverText), protocol: PROTOCOL_NUMBERS[protocol] ?? Number(protocol) },
      ...{ port: Number(port), serverNames: option('names', '').split(',').filter(Boolean), [outcome]: seen },
      oriented: !options.includes('unoriented'),
    };
  });
}

interface Seen {
  readonly days: number;
  readonly clients: number;
  readonly hours: number;
  readonly from: number;
  readonly at: number;
  /** Policies that the source says it applied. */
  readonly policies: readonly string[];
}

function observation(name: string, client: EdgeEndpoint, seen: Seen): Observation {
  const activity = Array.from(
    { length: seen.days },
    (_, i): DayActivity => ({ day: DAY + seen.from + i, hours: hourMask(seen) }),
  );
  const isPod = client.kind === 'pod';
  const pods = Array.from({ length: seen.clients }, (_, i) => `${name}-${i}`);
  const firstSeen = (DAY + seen.from) * DAY_MS + seen.at * HOUR_MS;
  return {
    ...{ flows: 100 * seen.days * seen.clients, connections: 10 * seen.days * seen.clients, firstSeen },
    ...{ lastSeen: firstSeen + (seen.days - 1) * DAY_MS + (seen.hours - 1) * HOUR_MS, activity },
    clientPods: isPod ? pods : [],
    ...{ serverPods: [], serverAddresses: [], reasons: [], sourcePolicies: seen.policies },
    clientAddresses: isPod ? [] : [client.address],
  };
}

function hourMask({ at, hours }: Seen): number {
  let mask = 0;
  for (let hour = at; hour < Math.min(24, at + hours); hour += 1) mask |= 1 << hour;
  return mask;
}
