import type { PositionedFlow } from '../../src/model/batch.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Flow } from '../../src/model/flow.ts';
import { addressText } from '../../src/store/read/values.ts';
import { storedAddress } from './arbitrary-flows.ts';

type Outcome = 'passed' | 'denied' | 'unclear';

/** Edges folded from flows in the plainest way, straight from the definition in `src/model/edge.ts`; slow and obvious. */
export function oracleEdges(rows: readonly PositionedFlow[]): unknown[] {
  const edges = new Map<string, Flow[]>();
  for (const { flow } of rows) {
    const key = JSON.stringify([
      flow.cluster,
      endKey(flow.client, flow.clientAddress),
      endKey(flow.server, flow.serverAddress),
      flow.protocol,
      flow.serverPort,
    ]);
    edges.set(key, [...(edges.get(key) ?? []), flow]);
  }
  const listening = new Set(rows.filter(({ flow }) => isSure(flow)).map(({ flow }) => serverKey(flow)));
  return [...edges].map(([key, flows]) => {
    const [flow] = flows as [Flow];
    const oriented =
      flows.some(isSure) ||
      (flows.some((one) => one.oriented === 'ports') &&
        (listening.has(serverKey(flow)) || (flow.server.kind !== 'pod' && flow.serverPort < 1024)));
    return { key, ...oracleEdge(flows), oriented };
  });
}

/** Whether it is known who opened, more surely than by ports. */
function isSure({ oriented }: Flow): boolean {
  return oriented !== 'unknown' && oriented !== 'ports';
}

/** A guess by ports holds where something else shows that the server listens there. */
function serverKey({ cluster, server, serverAddress, protocol, serverPort }: Flow): string {
  const { namespace, workload, kind } = server;
  const address = kind === 'pod' ? '' : storedAddress(serverAddress);
  return JSON.stringify([cluster, namespace, workload, kind, address, protocol, serverPort]);
}

/** The key under which `oracleEdges` lists an edge that was read. */
export function endKey(end: Omit<Endpoint, 'pod' | 'principal' | 'identity'>, address: string): unknown[] {
  const shown = end.kind === 'pod' ? '' : shownAddress(address);
  return [end.kind, end.namespace, end.workload, end.workloadKind, end.labels.id, end.peer, shown];
}

function shownAddress(address: string): string {
  return addressText(storedAddress(address));
}

const DESTINATION = ['dst', 'both'];

function outcomeOf(flow: Flow): Outcome {
  if (flow.reason === 'other_drop' || flow.verdict === 'unknown' || flow.verdict === 'error') return 'unclear';
  return flow.verdict === 'deny' ? 'denied' : 'passed';
}

function oracleEdge(flows: readonly Flow[]): Record<string, unknown> {
  const reported = flows.filter((flow) => DESTINATION.includes(flow.vantage));
  const isAttempt = (flow: Flow) =>
    reported.length > 0 && outcomeOf(flow) === 'passed' && !DESTINATION.includes(flow.vantage);
  const attempts = flows.filter(isAttempt);
  const rank: Outcome[] = ['passed', 'denied', 'unclear'];
  const became = rank.find((outcome) => reported.some((flow) => outcomeOf(flow) === outcome));
  const result: Record<string, unknown> = {
    serverNames: distinct(flows.flatMap((flow) => flow.serverNames)),
  };
  for (const outcome of rank) {
    const own = flows.filter((flow) => outcomeOf(flow) === outcome && !isAttempt(flow));
    if (own.length > 0) result[outcome] = observation(own, outcome, outcome === became ? attempts.length : 0);
  }
  return result;
}

function observation(flows: readonly Flow[], outcome: Outcome, attempts: number): Record<string, unknown> {
  const vantages = groupBy(flows, (flow) => `${flow.vantage} ${flow.format}`);
  const sums = [...vantages.values()].map((some) => {
    const count = (byEvent: boolean) =>
      some
        .filter((flow) => (flow.connectionBasis === 'event') === byEvent)
        .reduce((sum, flow) => sum + flow.connections, 0);
    return Math.max(count(true), count(false));
  });
  const hours = distinct(flows.map((flow) => String(Math.floor(flow.time / 3_600_000)))).map(Number);
  const days = groupBy(
    hours.sort((a, b) => a - b),
    (hour) => Math.floor(hour / 24),
  );
  const addresses = (of: (flow: Flow) => string) => distinct(flows.map(of).map(shownAddress));
  const pods = (of: 'client' | 'server', address: (flow: Flow) => string) =>
    distinct(flows.map((flow) => flow[of].pod || shownAddress(address(flow))));
  return {
    flows: flows.length + attempts,
    connections: Math.max(...sums),
    firstSeen: Math.min(...flows.map((flow) => flow.time)),
    lastSeen: Math.max(...flows.map((flow) => flow.endTime)),
    activity: [...days].map(([day, of]) => ({ day, hours: of.reduce((bits, hour) => bits + 2 ** (hour % 24), 0) })),
    clientPods: pods('client', (flow) => flow.clientAddress),
    serverPods: pods('server', (flow) => flow.serverAddress),
    clientAddresses: addresses((flow) => flow.clientAddress),
    serverAddresses: addresses((flow) => flow.serverAddress),
    reasons:
      outcome === 'passed' ? [] : distinct(flows.map((flow) => flow.reason).filter((reason) => reason !== 'none')),
    sourcePolicies: distinct(
      flows.flatMap((flow) => [
        ...(outcome === 'passed' ? [] : flow.deniedBy),
        ...(outcome === 'denied' ? [] : flow.allowedBy),
      ]),
    ),
  };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '').sort();
}

function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}
