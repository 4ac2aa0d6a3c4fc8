import { NO_ENDPOINT, newFlow } from '../../ingest/decode/draft.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Flow } from '../../src/model/flow.ts';
import { LabelInterner } from '../../src/model/labels.ts';

/** 2026-11-01T00:00Z. */
const START = Date.UTC(2026, 10, 1);

const interner = new LabelInterner();
const CONTEXT = { cluster: 'prod', node: '', interner, options: {} };

/** `count` flows as Hubble gives them, of a few hundred pods in a few dozen workloads; always the same ones. */
export function sampleFlows(count: number): Flow[] {
  const pods = Array.from({ length: 300 }, (_, at) => podOf(at));
  return Array.from({ length: count }, (_, at) => flowOf(at, pods));
}

function podOf(at: number): Endpoint {
  const workload = `service-${at % 40}`;
  return {
    ...NO_ENDPOINT,
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
    identity: 10_000 + at,
  };
}

function flowOf(at: number, pods: readonly Endpoint[]): Flow {
  const client = pods[(at * 31) % pods.length] as Endpoint;
  const server = pods[(at * 17 + 5) % pods.length] as Endpoint;
  return newFlow('hubble', CONTEXT, {
    time: START + at * 20,
    node: `node-${at % 20}`,
    vantage: at % 2 === 0 ? 'src' : 'dst',
    oriented: 'reported',
    protocol: 6,
    client,
    server,
    clientAddress: `10.1.${at % 250}.${(at * 31) % 250}`,
    serverAddress: `10.2.${at % 250}.${(at * 17) % 250}`,
    clientPort: 32_768 + (at % 28_000),
    serverPort: 8_000 + (at % 5),
    verdict: 'allow',
    connections: at % 3 === 0 ? 1 : 0,
    connectionBasis: 'event',
    eventId: ((BigInt(at + 1) * 11_400_714_819_323_198_485n) % 2n ** 64n).toString(),
  });
}
