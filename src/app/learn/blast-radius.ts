import { readPolicies } from '../../dialects/read.ts';
import { type Compiled, compile, prepare } from '../../evaluate/compile/compile.ts';
import { enforceStaged } from '../../evaluate/compile/enforce-staged.ts';
import { decide } from '../../evaluate/decide/decide.ts';
import type { Finding } from '../../model/finding.ts';
import type { PolicySet } from '../../model/policy.ts';
import type { Decision } from '../../model/verdict.ts';
import { assignLabels } from '../../report/assign-labels.ts';
import type { ClassifiedEdge } from '../../report/check/classify.ts';
import { judgeEdges } from '../../report/check/judge.ts';
import type { Scene } from '../policies/judging.ts';
import { isManifest } from './team-folders.ts';

/** Policies with the labels that they take as put on, by `namespace/Kind/name`. */
export interface Version {
  readonly policySet: PolicySet;
  readonly labels: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** An observed edge that two versions decide differently. */
export interface VerdictChange {
  readonly before: Decision;
  /** Judged by the new version. */
  readonly entry: ClassifiedEdge;
}

/** What a change of policies does to observed traffic. */
export interface BlastRadius {
  /** What breaks first. */
  readonly edges: readonly VerdictChange[];
  /** Workloads whose own end is decided differently for some edge, as `namespace/name`, sorted. */
  readonly workloads: readonly string[];
}

/** Replays observed edges against both versions. */
export function blastRadius(scene: Scene, old: Version, fresh: Version): BlastRadius {
  const before = new Map(judged(scene, old).map((entry) => [entry.observation, entry]));
  const workloads = new Set<string>();
  const edges: VerdictChange[] = [];
  for (const entry of judged(scene, fresh)) {
    const earlier = before.get(entry.observation);
    if (!earlier) continue;
    for (const [side, end] of [
      ['egress', entry.edge.client],
      ['ingress', entry.edge.server],
    ] as const)
      if (end.kind === 'pod' && earlier.verdict[side].decision !== entry.verdict[side].decision)
        workloads.add(`${end.namespace}/${end.workload}`);
    if (earlier.verdict.decision !== entry.verdict.decision) edges.push({ before: earlier.verdict.decision, entry });
  }
  const isBreak = ({ entry }: VerdictChange): boolean => entry.class === 'escaped';
  return {
    edges: [...edges.filter(isBreak), ...edges.filter((change) => !isBreak(change))],
    workloads: [...workloads].sort(),
  };
}

/** The policies of an earlier run, from the texts of its files; staged ones as if they were let go. */
export function earlierVersion(
  present: ReadonlyMap<string, string>,
  document: Readonly<Record<string, unknown>>,
): Version & { readonly findings: readonly Finding[] } {
  const manifests = [...present].filter(([path]) => isManifest(path));
  const { policySet, findings } = readPolicies(manifests.map(([name, text]) => ({ name, text })));
  const assignments = document.mode === 'selectors' ? {} : (document.assignments ?? {});
  const labels = Object.entries(assignments).map(
    ([id, own]) => [id, new Map(Object.entries(own as Record<string, string>))] as const,
  );
  return { policySet: enforceStaged(policySet).policySet, findings, labels: new Map(labels) };
}

function judged(scene: Scene, { policySet, labels }: Version): ClassifiedEdge[] {
  const { edges, inventory } = assignLabels(scene.edges, scene.inventory, labels);
  const compiled: Compiled = compile(policySet, inventory);
  prepare(
    compiled,
    edges.flatMap(({ client, server }) => [client, server]),
  );
  return judgeEdges(edges, (traffic) => decide(compiled, traffic));
}
