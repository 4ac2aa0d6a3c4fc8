import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Flow } from '../../src/model/flow.ts';
import { LabelInterner } from '../../src/model/labels.ts';

/** 2026-11-01T00:00Z. */
const START = Date.UTC(2026, 10, 1);

/** `count` flows as Hubble gives them, of a few hundred pods in a few dozen workloads; always the same ones. */
export function sampleFlows(count: number): Flow[] {
  const interner = new LabelInterner();
  const pods = Array.from({ length: 300 }, (_, at) => podOf(at, interner));
  return Array.from({ length: count }, (_, at) => flowOf(at, pods));
}

function podOf(at: number, interner: LabelInterner): Endpoint {
  const workload = `service-${at % 40}`;
  return {
    kind: 'pod',
    namespace: `team-${at % 7}`,
    workload,
    workloadKind: 'Deployment',
    pod: `${workload}-7c9d8b6f5-${(at * 7919).toString(36).padStart(5, 'x')}`,
    labels: interner.intern(
      new Map([
        ['app', workload],
        ['team', `team-${at % 7}`],
      ]),
    ),
    peer: '',
    principal: '',
    identity: 10_000 + at,
  };
}

function flowOf(at: number, pods: readonly Endpoint[]): Flow {
  const client = pods[(at * 31) % pods.length] as Endpoint;
  const server = pods[(at * 17 + 5) % pods.length] as Endpoint;
  const time = START + at * 20;
  return {
    time,
    endTime: time,
    format: 'hubble',
    cluster: 'prod',
    node: `node-${at % 20}`,
    vantage: at % 2 === 0 ? 'src' : 'dst',
    oriented: 'reported',
    swapped: false,
    protocol: 6,
    client,
    server,
    clientAddress: `10.1.${at % 250}.${(at * 31) % 250}`,
    serverAddress: `10.2.${at % 250}.${(at * 17) % 250}`,
    clientPort: 32_768 + (at % 28_000),
    serverPort: 8_000 + (at % 5),
    icmpType: 255,
    serviceNamespace: '',
    serviceName: '',
    servicePort: 0,
    serverNames: [],
    verdict: 'allow',
    reason: 'none',
    attribution: 'none',
    allowedBy: [],
    deniedBy: [],
    pending: [],
    connections: at % 3 === 0 ? 1 : 0,
    connectionBasis: 'event',
    bytesForward: 0,
    bytesReverse: 0,
    packetsForward: 0,
    packetsReverse: 0,
    sampling: 1,
    l7: '',
    l7Detail: '',
    eventId: ((BigInt(at + 1) * 11_400_714_819_323_198_485n) % 2n ** 64n).toString(),
  };
}
