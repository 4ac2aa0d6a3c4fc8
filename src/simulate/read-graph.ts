import { ENTITIES, GRAPH, type Graph, type GraphAttack, workloadReferenceOf } from './graph.ts';

/** A graph that may be used, or everything that is wrong with it, one line each. */
export type GraphReading = { readonly graph: Graph; readonly problems: readonly [] } | GraphProblems;

interface GraphProblems {
  readonly graph?: undefined;
  readonly problems: readonly string[];
}

/** Validates a parsed JSON document: shapes first, then what its parts say about each other. */
export function readGraph(value: unknown): GraphReading {
  const parsed = GRAPH.safeParse(value);
  if (!parsed.success) {
    return { problems: parsed.error.issues.map((issue) => `${formatPath(issue.path)}: ${issue.message}`) };
  }
  const problems = crossCheck(parsed.data);
  return problems.length > 0 ? { problems } : { graph: parsed.data, problems: [] };
}

function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || '(top level)';
}

function crossCheck(graph: Graph): string[] {
  const problems: string[] = [];
  const workloads = collectNames(graph.workloads.map(workloadReferenceOf), 'workloads', problems);
  const externals = collectNames(
    graph.external.map((peer) => peer.name),
    'external',
    problems,
  );
  collectNames(
    graph.namespaces.map((namespace) => namespace.name),
    'namespaces',
    problems,
  );
  const known = (reference: string): boolean => {
    if (reference.startsWith('external:')) return externals.has(reference.slice(9));
    if (reference.startsWith('entity:')) return (ENTITIES as readonly string[]).includes(reference.slice(7));
    return workloads.has(reference);
  };
  const check = (path: string, reference: string) => {
    if (!known(reference)) problems.push(`${path}: "${reference}" is described nowhere in the graph`);
  };
  graph.calls.forEach((call, at) => {
    check(`calls[${at}].from`, call.from);
    check(`calls[${at}].to`, call.to);
    if (call.port === undefined && call.protocol !== 'ICMP') problems.push(`calls[${at}].port: is missing`);
    if (!call.from.includes('/') && !call.to.includes('/')) problems.push(`calls[${at}]: neither end is a workload`);
  });
  graph.workloads.forEach((workload, at) => {
    if (workload.kind === 'CronJob' && !workload.schedule)
      problems.push(`workloads[${at}].schedule: a CronJob needs one`);
  });
  graph.attacks.forEach((attack, at) => {
    for (const reference of attackReferences(attack)) check(`attacks[${at}]`, reference);
  });
  graph.drifts.forEach((drift, at) => {
    if (drift.kind === 'removed-call') {
      const found = graph.calls.some((call) => call.from === drift.from && call.to === drift.to);
      if (!found) problems.push(`drifts[${at}]: no call from ${drift.from} to ${drift.to}`);
    } else {
      check(`drifts[${at}].workload`, drift.workload);
      if (drift.kind === 'canary') check(`drifts[${at}].call.to`, drift.call.to);
    }
  });
  return problems;
}

function collectNames(names: readonly string[], section: string, problems: string[]): Set<string> {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) problems.push(`${section}: "${name}" occurs twice`);
    seen.add(name);
  }
  return seen;
}

function attackReferences(attack: GraphAttack): string[] {
  const first = attack.kind === 'poisoned-service' ? attack.copies : attack.from;
  const targets = Array.isArray(attack.targets) ? attack.targets : [];
  return [first, ...targets.map((target) => target.slice(0, target.lastIndexOf(':')))];
}
