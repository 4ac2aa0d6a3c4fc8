import { z } from 'zod';
import { hash32, Random } from '../util/random.ts';
import type { GraphInput } from './graph.ts';

/**
 * The published ground-truth shape: an application's workloads and services, and the tuples it needs
 * (`["namespace/client", "namespace/server", "TCP/8080"]`). Other members (expert policies) are left alone.
 */
const tuple = z.tuple([z.string(), z.string(), z.string().regex(/^(TCP|UDP|SCTP)\/\d+$/)]);
const TRUTH = z.object({
  name: z.string(),
  workloads: z.array(
    z.object({
      namespace: z.string(),
      name: z.string(),
      kind: z.string(),
      labels: z.record(z.string(), z.string()),
      replicas: z.int().nullish(),
      ports: z.array(z.object({ port: z.int(), protocol: z.string(), name: z.string().nullish() })),
    }),
  ),
  services: z
    .array(
      z.object({
        namespace: z.string(),
        name: z.string(),
        type: z.string(),
        selector: z.record(z.string(), z.string()),
        ports: z.array(
          z.object({ port: z.int(), targetPort: z.union([z.int(), z.string()]).nullish(), protocol: z.string() }),
        ),
      }),
    )
    .default([]),
  serviceGraph: z.array(tuple).optional(),
  expertAllowedTuples: z.array(tuple).optional(),
});
type Truth = z.output<typeof TRUTH>;

export interface TruthOptions {
  /** Copies of the application, each in its own namespaces with a label `env`; none = as it is. */
  readonly environments?: readonly string[];
  /** Percentages of calls that are busy, made a few times a day, and made about weekly. */
  readonly mix?: readonly [busy: number, fewADay: number, weekly: number];
  readonly seed?: number;
}

/** Whether a JSON document has the shape of a ground-truth file rather than of a graph. */
export function isTruth(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return ['serviceGraph', 'expertPolicies', 'expertAllowedTuples'].some((member) => member in value);
}

/** Turns a ground-truth document into a graph; the problems when it does not have that shape or no calls. */
export function graphFromTruth(
  value: unknown,
  options: TruthOptions = {},
): { readonly graph?: GraphInput; readonly problems: readonly string[] } {
  const parsed = TRUTH.safeParse(value);
  if (!parsed.success)
    return { problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) };
  const truth = parsed.data;
  const needed = truth.serviceGraph ?? truth.expertAllowedTuples ?? [];
  if (needed.length === 0)
    return { problems: ['serviceGraph: is missing or empty, so there are no calls to simulate'] };
  const environments = options.environments?.length ? options.environments : [''];
  const copies = environments.map((environment) => copyFor(truth, needed, { environment, options }));
  return {
    graph: {
      version: 1,
      name: truth.name.toLowerCase(),
      cluster: truth.name.toLowerCase(),
      namespaces: copies.flatMap((copy) => copy.namespaces ?? []),
      workloads: copies.flatMap((copy) => copy.workloads),
      services: copies.flatMap((copy) => copy.services ?? []),
      calls: copies.flatMap((copy) => copy.calls ?? []),
    },
    problems: [],
  };
}

type Part = Pick<GraphInput, 'namespaces' | 'workloads' | 'services' | 'calls'>;

function copyFor(
  truth: Truth,
  needed: readonly z.output<typeof tuple>[],
  { environment, options }: { environment: string; options: TruthOptions },
): Part {
  const inside = (namespace: string) => (environment === '' ? namespace : `${namespace}-${environment}`);
  const reference = (text: string) => {
    const at = text.indexOf('/');
    return `${inside(text.slice(0, at))}/${text.slice(at + 1)}`;
  };
  const extra: Record<string, string> = environment === '' ? {} : { env: environment };
  const namespaces = [...new Set(truth.workloads.map((workload) => workload.namespace))];
  const draw = profileDraw(options);
  return {
    namespaces: namespaces.map((name) => ({ name: inside(name), labels: extra })),
    workloads: truth.workloads.map((workload) => ({
      namespace: inside(workload.namespace),
      name: workload.name,
      kind: workload.kind as 'Deployment',
      labels: { ...workload.labels, ...extra },
      replicas: workload.replicas ?? 1,
      ports: workload.ports.map((port) => ({
        port: port.port,
        protocol: port.protocol as 'TCP',
        ...(port.name ? { name: port.name } : {}),
      })),
    })),
    services: truth.services.map((service) => ({
      namespace: inside(service.namespace),
      name: service.name,
      type: service.type as 'ClusterIP',
      selector: service.selector,
      ports: service.ports.map((port) => ({
        port: port.port,
        protocol: port.protocol as 'TCP',
        ...(port.targetPort ? { targetPort: port.targetPort } : {}),
      })),
    })),
    calls: needed.map(([client, server, text]) => {
      const [protocol, port] = text.split('/');
      const from = reference(client);
      const to = reference(server);
      return { from, to, protocol: protocol as 'TCP', port: Number(port), profile: draw(`${from}>${to}:${text}`) };
    }),
  };
}

/** Draws each call's profile by its own name, so that neither order nor neighbours matter. */
function profileDraw({ mix = [100, 0, 0], seed = 1 }: TruthOptions): (name: string) => 'busy' | 'few-a-day' | 'weekly' {
  const total = mix[0] + mix[1] + mix[2];
  return (name) => {
    const at = new Random(seed, hash32(name)).next() * total;
    if (at < mix[0]) return 'busy';
    return at < mix[0] + mix[1] ? 'few-a-day' : 'weekly';
  };
}
