import { compile, prepare } from '../../../src/evaluate/compile/compile.ts';
import type { LintRule } from '../../../src/evaluate/lint/rule.ts';
import { workloadEndpoint } from '../../../src/evaluate/match/facts.ts';
import { inventory, pod, policySet, workload } from '../harness.ts';

/** Pods as `shop/web app=web,role=client`; labels `app=<name>` when none are given. */
export interface LintGiven {
  readonly pods?: readonly string[];
  readonly namespaces?: Readonly<Record<string, string>>;
}

/** Messages of one rule about these policies. */
export function problems(rule: LintRule, yaml: string, { pods = [], namespaces = {} }: LintGiven = {}): string[] {
  const workloads = pods.map((text) => {
    const [name = '', labels] = text.split(' ');
    return workload(pod(name, labels), '');
  });
  const set = policySet(yaml);
  const known = inventory({ namespaces, workloads });
  const compiled = compile(set, known);
  const ends = known.workloads.map(workloadEndpoint);
  prepare(compiled, ends);
  return rule
    .check({ set, inventory: known, compiled, ends })
    .map(({ policy, message }) => `${policy.ref.name}: ${message}`);
}
