import { type Graph, type GraphInput, workloadReferenceOf } from '../../../src/simulate/graph.ts';
import { graphFromTruth } from '../../../src/simulate/graph-from-truth.ts';
import { readGraph } from '../../../src/simulate/read-graph.ts';
import { Failure } from '../../../src/util/failure.ts';
import { hash32, Random } from '../../../src/util/random.ts';
import { type AttackKind, nameTargets, planAttacks } from './protocol-attacks.ts';
import { planDrifts } from './protocol-drifts.ts';
import { shuffled } from './shuffled.ts';

export interface ProtocolOptions {
  readonly seed: number;
  /** The first half is learned from, the second half is scored on. */
  readonly days: number;
  /** Absent: three, as long as the graph keeps to `MOST_WORKLOADS`. */
  readonly environments?: number | undefined;
  /** Of every workload that no attack needs otherwise; absent: 1 to 5, drawn for each. */
  readonly replicas?: number | undefined;
  /** Busy, a few a day, about weekly, in per cent of the calls. */
  readonly mix?: readonly [busy: number, fewADay: number, weekly: number];
  /** Without jobs, attacks and drifts. */
  readonly isQuiet?: boolean;
}

/** An application with everything that befalls it, ready to be simulated. */
export interface Protocol {
  readonly name: string;
  readonly graph: Graph;
  /** Workloads of the application, without its copies and what else is added. */
  readonly workloads: number;
  /** Days that are learned from. */
  readonly half: number;
  /** Attacks by id; those that the graph has no workload left for are missing. */
  readonly attacks: ReadonlyMap<string, AttackKind>;
  /** Workloads that exist only after the first half. */
  readonly late: ReadonlySet<string>;
}

const REMEDY = 'Name JSON files with workloads and a serviceGraph, as docs/graph-format.md says.';
/** A simulation of this many workloads keeps to some seconds. */
const MOST_WORKLOADS = 60;
const ENVIRONMENTS = ['prod', 'stage', 'dev', 'test', 'demo'];
const MIX = [70, 15, 15] as const;
const MOST_REPLICAS = 5;
/** Connections an hour of a busy call: enough to be seen from every replica within a day, and cheap to simulate. */
const BUSY_RATE = 2;

/** Jobs beside the application; the last two never run within any sensible length. */
const JOBS = [
  { name: 'job-hourly', schedule: { every: 'hour', minute: 10 } },
  { name: 'job-nightly', schedule: { every: 'day', hour: 2, minute: 30 } },
  { name: 'job-weekly', schedule: { every: 'week', weekday: 3, hour: 4 } },
  { name: 'job-monthly', schedule: { every: 'month', dayOfMonth: 1, hour: 5 } },
  { name: 'job-yearly', schedule: { every: 'month', dayOfMonth: 2, hour: 5 } },
] as const;

/** Makes the application of a ground-truth document with the traffic, jobs, noise, attacks and drifts of one seed. */
export function makeProtocol(truth: unknown, options: ProtocolOptions): Protocol {
  const { seed, days, mix = MIX } = options;
  const half = Math.floor(days / 2);
  const single = converted(truth, { seed, mix });
  const base = copiesOf(truth, { ...options, workloads: single.workloads.length });
  const random = new Random(seed, hash32(`protocol ${base.name}`));
  const sized = { ...base, workloads: base.workloads.map((workload) => withReplicas(workload, options, random)) };
  const common = { name: base.name, workloads: single.workloads.length, half };
  if (options.isQuiet) {
    const graph = valid({ ...sized, days, seed, noise: noiseOf(half) });
    return { ...common, graph, attacks: new Map(), late: new Set() };
  }
  const order = shuffled(base.workloads.filter(({ kind }) => kind !== 'DaemonSet').map(workloadReferenceOf), random);
  const attacked = planAttacks(sized, { order: oneOfEachCopy(order), half, turn: seed });
  const drifted = planDrifts(attacked.graph, { order: order.toReversed(), half, random, busy: attacked.attackers });
  const aimed = nameTargets(drifted.graph, { late: drifted.late, random });
  const graph = withJobs(withRollouts(aimed, { half, random, spared: attacked.attackers }), random);
  return {
    ...common,
    graph: valid({ ...graph, days, seed, noise: noiseOf(half) }),
    attacks: attacked.attacks,
    late: drifted.late,
  };
}

function copiesOf(
  truth: unknown,
  { seed, environments, workloads, mix = MIX }: ProtocolOptions & { readonly workloads: number },
): Graph {
  const count = environments ?? Math.min(3, Math.max(1, Math.floor(MOST_WORKLOADS / workloads)));
  const names = count === 1 ? [] : ENVIRONMENTS.slice(0, count);
  const graph = converted(truth, { seed, mix, environments: names });
  // About weekly: a call that came exactly once in every week would flatter whoever learns for a week.
  const calls = graph.calls.map((call) => ({
    ...call,
    profile: call.profile === 'weekly' ? ('rare' as const) : call.profile,
    rate: BUSY_RATE,
  }));
  return { ...graph, calls };
}

function converted(truth: unknown, options: Parameters<typeof graphFromTruth>[1]): Graph {
  const { graph, problems } = graphFromTruth(truth, options);
  if (!graph) throw new Failure('input', `this is no ground truth: ${problems.join('; ')}`, REMEDY);
  return valid(graph);
}

function valid(input: GraphInput): Graph {
  const { graph, problems } = readGraph(input);
  if (!graph) throw new Failure('input', `this application cannot be simulated: ${problems.join('; ')}`, REMEDY);
  return graph;
}

function withReplicas(
  workload: Graph['workloads'][number],
  { replicas }: ProtocolOptions,
  random: Random,
): Graph['workloads'][number] {
  const drawn = 1 + random.below(MOST_REPLICAS);
  return { ...workload, replicas: replicas ?? drawn };
}

/** Every third workload is rolled out once in each half; pods, addresses and template hashes change. */
function withRollouts(
  graph: Graph,
  { half, random, spared }: { half: number; random: Random; spared: ReadonlySet<string> },
): Graph {
  const workloads = graph.workloads.map((workload) => {
    const rolls = random.chance(1 / 3) && !spared.has(workloadReferenceOf(workload));
    return rolls ? { ...workload, rollouts: [2.4, half + 2.4] } : workload;
  });
  return { ...graph, workloads };
}

/** Each job calls one port of the application. */
function withJobs(graph: Graph, random: Random): Graph {
  const doors = graph.calls.filter(({ to, profile }) => to.includes('/') && profile === 'busy');
  const namespace = graph.workloads[0]?.namespace ?? 'default';
  const jobs = JOBS.map(({ name, schedule }) => ({
    ...{ namespace, name, kind: 'CronJob' as const, labels: { app: name }, schedule: { ...schedule } },
  }));
  const calls = JOBS.flatMap(({ name }) => {
    const door = doors[random.below(doors.length)];
    return door ? [{ from: `${namespace}/${name}`, to: door.to, port: door.port, protocol: door.protocol }] : [];
  });
  const input = { ...graph, workloads: [...graph.workloads, ...jobs], calls: [...graph.calls, ...calls] };
  return valid(input);
}

/** The first of all workloads that are copies of each other: two attackers may not vouch for each other's calls. */
function oneOfEachCopy(order: readonly string[]): string[] {
  const templates = new Set<string>();
  return order.filter((reference) => {
    const template = reference.slice(reference.indexOf('/'));
    return !templates.has(template) && templates.add(template);
  });
}

/** Probes and nodes are rare here: they need no rule, and cost as much to simulate as what matters. */
function noiseOf(half: number): NonNullable<GraphInput['noise']> {
  return {
    ...{ dns: 0.1, probesPerHour: 0.05, nodesPerHour: 0.05, replies: 0.3, closes: 0.2 },
    blind: [{ node: 1, day: Math.min(2, half - 1) }],
  };
}
