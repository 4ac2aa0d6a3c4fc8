import { compile, prepare } from '../../evaluate/compile/compile.ts';
import { decide } from '../../evaluate/decide/decide.ts';
import type { AskedWindow } from '../../model/asked-window.ts';
import type { Finding } from '../../model/finding.ts';
import { checkJson } from '../../report/check/json.ts';
import { judgeEdges } from '../../report/check/judge.ts';
import { type CheckResult, checkResult } from '../../report/check/result.ts';
import { checkTable } from '../../report/check/table.ts';
import { openStore } from '../../store/client.ts';
import { readEdges } from '../../store/read/edges.ts';
import { readInventory } from '../../store/read/inventory.ts';
import { resolveWindow } from '../../store/read/window.ts';
import { inNamespaces, type Scene, setScene } from './judging.ts';
import { guesses, hasErrors, type LoadedPolicies, loadPolicies, type PolicySource } from './load-policies.ts';

export interface CheckRequest extends AskedWindow {
  readonly policies: PolicySource;
  readonly store: { readonly data: string; readonly clickhouse?: string | undefined };
  /** Only edges with an end in one of these; empty = all. */
  readonly namespaces: readonly string[];
  readonly format: { readonly name: 'table' | 'json'; readonly all: boolean; readonly width: number | undefined };
}

export interface CheckOutcome {
  readonly findings: readonly Finding[];
  /** Lines for people, besides the result. */
  readonly notes: readonly string[];
  /** The result as it shall be printed; absent when a policy could not be read exactly, so nothing was decided. */
  readonly text?: string;
  /** Something that passed would be denied. */
  readonly breaks: boolean;
}

/** Replays policies over the stored edges. */
export async function checkPolicies(request: CheckRequest): Promise<CheckOutcome> {
  // 1. Policies, and the labels that were proposed with them. Half a policy set would give wrong answers, so none.
  const loaded = await loadPolicies(request.policies);
  if (hasErrors(loaded.findings)) return { findings: loaded.findings, notes: [], breaks: false };

  // 2. What happened.
  const scene = await readScene(request);

  // 3. Every edge against every policy.
  const { edges, inventory, notes } = setScene(scene, loaded);
  const compiled = compile(loaded.policySet, inventory);
  prepare(
    compiled,
    edges.flatMap(({ client, server }) => [client, server]),
  );
  const entries = judgeEdges(edges, (traffic) => decide(compiled, traffic));

  // 4. The result in the form asked for.
  const window = rangeOf(scene);
  const result = checkResult(edges, entries, {
    policies: policiesInForce(loaded),
    ...(loaded.staged && { staged: loaded.staged }),
    ...(window && { window }),
  });
  const text = formatCheck(result, request.format);
  return {
    findings: loaded.findings,
    notes: [...guesses(loaded), ...notes, ...emptyNotes(result)],
    text,
    breaks: result.summary.escaped > 0,
  };
}

async function readScene(request: CheckRequest): Promise<Scene> {
  const store = await openStore(request.store);
  try {
    const window = await resolveWindow(store, request);
    const edges = await readEdges(store, window);
    return { edges: inNamespaces(edges, request.namespaces), inventory: await readInventory(store, window) };
  } finally {
    await store.close();
  }
}

/** First and last moment of what was read. */
function rangeOf({ edges }: Scene): CheckResult['window'] {
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const { passed, denied, unclear } of edges) {
    for (const seen of [passed, denied, unclear]) {
      if (seen === undefined) continue;
      from = Math.min(from, seen.firstSeen);
      to = Math.max(to, seen.lastSeen);
    }
  }
  return to === 0 ? undefined : { from, to };
}

/** Policies that are judged as enforced. */
function policiesInForce({ policySet }: LoadedPolicies): number {
  return policySet.policies.filter((policy) => !policy.staged).length;
}

function formatCheck(result: CheckResult, { name, all, width }: CheckRequest['format']): string {
  return name === 'json' ? checkJson(result, all) : checkTable(result, all, width);
}

function emptyNotes({ window, policies }: CheckResult): string[] {
  const notes: string[] = [];
  if (window === undefined)
    notes.push('the store holds no such edges: there is nothing to check against (microwall ingest FILE…)');
  if (policies === 0) notes.push('no policy is in force in what was read, so everything is allowed');
  return notes;
}
