import { hash32 } from '../../util/random.ts';
import { type GraphWorkload, type Protocol, workloadReferenceOf } from '../graph.ts';
import type { GroundTruth } from '../ground-truth.ts';
import type { World } from '../world/world.ts';
import { join, resolve } from './connect.ts';
import type { Source } from './source.ts';
import { hourOf, spreadOverHour } from './starts.ts';

/** What every cluster does by itself: kubelet probes, nodes talking to nodes, DNS watching the API server. */
export function platformSources(world: World, truth: GroundTruth): Source[] {
  const { noise } = world.graph;
  const probes = [...world.workloads.values()].flatMap((workload) => probeSource(world, workload, truth));
  const chatter = [
    { from: 'entity:remote-node', to: 'entity:host', protocol: 'TCP' as const, port: 10_250, rate: noise.nodesPerHour },
    { from: 'entity:remote-node', to: 'entity:host', protocol: 'ICMP' as const, port: 0, rate: noise.nodesPerHour },
    ...(world.dns
      ? [
          {
            from: world.dns,
            to: 'entity:kube-apiserver',
            protocol: 'TCP' as const,
            port: 6443,
            rate: noise.nodesPerHour,
          },
        ]
      : []),
  ];
  const talking = noise.nodesPerHour > 0 ? chatter : [];
  return [...probes, ...talking.map((chat) => platformSource(world, { ...chat, kind: 'system' }, truth))];
}

/** The kubelet probes the first TCP port of every pod on its own node. */
function probeSource(world: World, workload: GraphWorkload, truth: GroundTruth): Source[] {
  const port = workload.ports.find((declared) => declared.protocol === 'TCP')?.port;
  const rate = world.graph.noise.probesPerHour * workload.replicas;
  if (port === undefined || workload.hostNetwork || rate === 0) return [];
  const to = workloadReferenceOf(workload);
  return [platformSource(world, { kind: 'probe', from: 'entity:host', to, protocol: 'TCP', port, rate }, truth)];
}

interface PlatformTraffic {
  readonly kind: 'probe' | 'system';
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Connections an hour. */
  readonly rate: number;
}

function platformSource(
  world: World,
  { kind, from, to, protocol, port, rate }: PlatformTraffic,
  truth: GroundTruth,
): Source {
  const plan = { protocol, port, outcome: 'forwarded' as const, service: undefined, ipv6: 0.2 };
  return {
    key: hash32(`${kind} ${from} ${to} ${protocol}/${port}`),
    tuple: truth.tuple({ kind, client: from, server: to, protocol, port, cause: '', outcome: 'forwarded' }),
    rate,
    lookups: 0,
    host: '',
    starts: (hour, random, scale) => spreadOverHour(hourOf(world, hour), random, { mean: rate * scale, least: 0 }),
    connect: (time, random) => {
      const server = resolve(world, to, { time, random });
      const client = server && resolve(world, from, { time, random, other: server });
      return client && server ? join(plan, { time, client, server }, random) : undefined;
    },
  };
}
