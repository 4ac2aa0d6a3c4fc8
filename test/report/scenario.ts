import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readPolicies } from '../../src/dialects/read.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide, decision } from '../../src/evaluate/decide/decide.ts';
import { matchingRules } from '../../src/evaluate/explain/matching-rules.ts';
import { edgeTraffic } from '../../src/evaluate/match/traffic.ts';
import type { Edge } from '../../src/model/edge.ts';
import type { Policy } from '../../src/model/policy.ts';
import type { Decide } from '../../src/report/check/judge.ts';
import type { DecisionOf } from '../../src/report/week/least-privilege.ts';
import type { GrantsOf } from '../../src/report/week/unused-grants.ts';
import { parseEdges } from './edge-lines.ts';

const FOLDER = resolve(import.meta.dirname, '../scenarios');

/** Scenario folders whose name starts with `prefix`. */
export function scenarios(prefix: string): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith(prefix))
    .sort();
}

export interface Scenario {
  /** Path of a file in the scenario's folder. */
  file(name: string): string;
  /** Edges of a file; none when there is no such file. */
  edges(name: string): Edge[];
  readonly policies: readonly Policy[];
  readonly inventory: {
    readonly workloads: readonly [];
    readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
  };
  readonly decide: Decide;
  readonly decision: DecisionOf;
  readonly grantsOf: GrantsOf;
}

/** A scenario with its policies read and compiled by the real parts. */
export function openScenario(
  name: string,
  options: { readonly reversed?: boolean; readonly without?: string } = {},
): Scenario {
  const file = (path: string) => join(FOLDER, name, path);
  const names = readdirSync(file('policies'))
    .filter((own) => own !== options.without)
    .sort();
  if (options.reversed) names.reverse();
  const read = readPolicies(names.map((own) => ({ name: own, text: readFileSync(file(`policies/${own}`), 'utf8') })));
  if (read.findings.length > 0) throw new Error(`${name}: ${JSON.stringify(read.findings)}`);
  const namespaces = new Map([...read.namespaces].map(([of, labels]) => [`default/${of}`, labels]));
  const inventory = { workloads: [], namespaces } as const;
  const compiled = compile(read.policySet, inventory);
  return {
    file,
    edges: (path) => (existsSync(file(path)) ? parseEdges(readFileSync(file(path), 'utf8')) : []),
    policies: read.policySet.policies,
    inventory,
    decide: (traffic) => decide(compiled, traffic),
    decision: (traffic) => decision(compiled, traffic),
    grantsOf: (edge) => matchingRules(compiled, edgeTraffic(edge)),
  };
}
