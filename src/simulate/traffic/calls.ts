import { hash32, type Random } from '../../util/random.ts';
import { DAY } from '../clock.ts';
import type { GraphCall } from '../graph.ts';
import type { GroundTruth } from '../ground-truth.ts';
import { serviceFor, type World } from '../world/world.ts';
import { join, resolve } from './connect.ts';
import type { Connection, Source } from './source.ts';
import { hourOf, startsOfCall } from './starts.ts';

/** One source per call of the graph. */
export function callSources(world: World, truth: GroundTruth): Source[] {
  return world.graph.calls.map((call) => callSource(world, call, truth));
}

function callSource(world: World, call: GraphCall, truth: GroundTruth): Source {
  const { from, to, protocol, outcome } = call;
  const port = call.port ?? 0;
  const key = hash32(`call ${from} ${to} ${protocol}/${port} ${call.profile}`);
  const service = serviceFor(world, to, port, protocol);
  const plan = { protocol, port, outcome, service, ipv6: call.ipv6 };
  const workload = world.workloads.get(from);
  const limit = Math.max(1, Math.ceil((workload?.replicas ?? 1) * call.clients));
  const starts = startsOfCall(world, call, key);
  const first = world.span.start + (call.fromDay ?? 0) * DAY;
  const last = world.span.start + (call.untilDay ?? Number.POSITIVE_INFINITY) * DAY;
  const profile = world.runs.has(from) || call.schedule ? 'scheduled' : call.profile;
  return {
    key,
    tuple: truth.tuple({ kind: 'call', client: from, server: to, protocol, port, cause: profile, outcome }),
    rate: profile === 'busy' ? call.rate : 0,
    lookups: lookupsOf(world, call, profile),
    host: hostOf(world, call),
    starts: (hour, random, scale) =>
      starts(hourOf(world, hour), random, scale).filter((time) => time >= first && time < last && time < world.end),
    connect: (time, random) => {
      const connection = connectCall(world, { call, plan, limit }, { time, random });
      return connection && call.l7 === 'http' && random.chance(0.3) ? withHttp(connection, random) : connection;
    },
  };
}

type CallPlan = { call: GraphCall; plan: Parameters<typeof join>[0]; limit: number };

/** The workload's end is chosen first: which host or node stands opposite depends on where it runs. */
function connectCall(
  world: World,
  { call, plan, limit }: CallPlan,
  { time, random }: { time: number; random: Random },
): Connection | undefined {
  if (call.from.includes('/')) {
    const client = resolve(world, call.from, { time, random, limit });
    const server = client && resolve(world, call.to, { time, random, other: client });
    return client && server ? join(plan, { time, client, server }, random) : undefined;
  }
  const server = resolve(world, call.to, { time, random });
  const client = server && resolve(world, call.from, { time, random, other: server });
  return client && server ? join(plan, { time, client, server }, random) : undefined;
}

/** Rare callers look the name up every time; busy ones mostly have it cached. */
function lookupsOf(world: World, call: GraphCall, profile: string): number {
  const workload = world.workloads.get(call.from);
  if (world.graph.noise.dns === 0 || !world.dns || !workload || workload.hostNetwork) return 0;
  if (call.from === world.dns || call.to === 'entity:host' || call.to === 'entity:remote-node') return 0;
  return profile === 'busy' ? world.graph.noise.dns : 1;
}

function hostOf(world: World, call: GraphCall): string {
  if (call.to.startsWith('external:')) {
    const peer = world.graph.external.find((external) => external.name === call.to.slice(9));
    return `${peer?.names[0] ?? call.to.slice(9)}.`;
  }
  if (call.to === 'entity:kube-apiserver') return 'kubernetes.default.svc.cluster.local.';
  const service = serviceFor(world, call.to, call.port ?? 0, call.protocol)?.service;
  const [namespace = '', name = ''] = call.to.split('/');
  return service
    ? `${service.name}.${service.namespace}.svc.cluster.local.`
    : `${name}.${namespace}.svc.cluster.local.`;
}

function withHttp(connection: Connection, random: Random): Connection {
  const url = `http://${connection.service?.service.name ?? connection.serverAddress}:${connection.serverPort}/v1/items/${random.below(500)}`;
  const http = { method: random.chance(0.8) ? 'GET' : 'POST', url, protocol: 'HTTP/1.1' };
  const code = random.chance(0.98) ? 200 : 503;
  return {
    ...connection,
    l7: {
      side: 'ingress',
      request: JSON.stringify({
        type: 'REQUEST',
        http: { ...http, headers: [{ key: 'User-Agent', value: 'simulated/1' }] },
      }),
      response: JSON.stringify({
        type: 'RESPONSE',
        latency_ns: String(400_000 + random.below(9_000_000)),
        http: { code, ...http },
      }),
    },
  };
}
