import { type Compiled, compile, prepare } from '../../evaluate/compile/compile.ts';
import { withExternalBlocks } from '../../evaluate/connectivity/addresses.ts';
import { Connectivity, type ConnectivityEnd } from '../../evaluate/connectivity/connectivity.ts';
import { diffConnectivity } from '../../evaluate/connectivity/diff-connectivity.ts';
import { PortSpace } from '../../evaluate/connectivity/ports.ts';
import { ServiceSets } from '../../evaluate/connectivity/service-sets.ts';
import { decide } from '../../evaluate/decide/decide.ts';
import type { AskedWindow } from '../../model/asked-window.ts';
import type { Finding } from '../../model/finding.ts';
import type { PolicySet } from '../../model/policy.ts';
import { judgeEdges } from '../../report/check/judge.ts';
import { endText } from '../../report/connectivity/result.ts';
import { breaks, type ObservedChange, observedChanges, type PolicyDiff } from '../../report/diff/policy-diff.ts';
import { DIFF_FORMATS, type DiffFormat } from '../../report/diff/policy-diff-formats.ts';
import { openStore } from '../../store/client.ts';
import { readEdges } from '../../store/read/edges.ts';
import { readInventory } from '../../store/read/inventory.ts';
import { resolveWindow } from '../../store/read/window.ts';
import { type EndOptions, estateEnds } from './estate-ends.ts';
import { type Scene, setScene } from './judging.ts';
import { type Estate, type EstateSource, exists, loadEstate } from './load-estate.ts';

export interface DiffRequest extends EndOptions, AskedWindow {
  readonly old: EstateSource;
  readonly fresh: EstateSource;
  readonly format: { readonly name: DiffFormat; readonly width: number | undefined };
}

export interface DiffOutcome {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  readonly text?: Iterable<string>;
  /** Observed traffic that passed would be denied from now on. */
  readonly breaks: boolean;
}

/** What a change of policies opens and closes, and which observed traffic it decides differently. */
export async function diffPolicies(request: DiffRequest): Promise<DiffOutcome> {
  // 1. Both versions. Workloads that one of them does not bring are those of the other.
  const old = await loadEstate(request.old);
  const fresh = await loadEstate(request.fresh);
  const findings = [
    ...old.findings,
    ...fresh.findings.filter((one) => !old.findings.some((other) => same(one, other))),
  ];
  if (old.broken || fresh.broken) return { findings, notes: [], breaks: false };
  const [a, b] = [
    old.from === 'none' ? withWorkloadsOf(old, fresh) : old,
    fresh.from === 'none' ? withWorkloadsOf(fresh, old) : fresh,
  ];

  // 2. What is allowed in both, over the same ends.
  const changed = compareConnectivity(a, b, request);

  // 3. What was observed, judged by both.
  const observed = await compareObserved(a, b, request);
  const diff: PolicyDiff = { ...changed, ...(observed && { observed }) };
  return {
    findings,
    notes: [
      ...new Set([...old.stagedNotes, ...fresh.stagedNotes]),
      ...(a.from === 'none' && b.from === 'none'
        ? ['no workload was found: name their manifests with --inventory']
        : []),
    ],
    text: DIFF_FORMATS[request.format.name](diff, request.format.width),
    breaks: observed?.some(breaks) ?? false,
  };
}

function same(a: Finding, b: Finding): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function withWorkloadsOf(estate: Estate, other: Estate): Estate {
  const namespaces = new Map([...other.inventory.namespaces, ...estate.inventory.namespaces]);
  return { ...estate, from: other.from, inventory: { workloads: other.inventory.workloads, namespaces } };
}

function compareConnectivity(old: Estate, fresh: Estate, request: DiffRequest): PolicyDiff {
  const inForce = ({ policySet }: Estate): PolicySet =>
    request.ipBlocks === 'external' ? withExternalBlocks(policySet) : policySet;
  const policySets = [inForce(old), inForce(fresh)] as const;
  const ends = [old, fresh].map(({ inventory }) => estateEnds(inventory.workloads, policySets, request));
  const all = mergedEnds(ends[0] ?? [], ends[1] ?? []);
  const space = new PortSpace(policySets);
  const sets = new ServiceSets(space.all);
  const version = ({ inventory }: Estate, index: number): Version => {
    const own = new Map(ends[index]?.map((end) => [endText(end), end]));
    const compiled = compile(policySets[index] as PolicySet, inventory);
    const present = all.map((end) => own.get(endText(end)) ?? { ...end, members: [] });
    return { own, found: new Connectivity({ compiled, ends: present, space, sets }) };
  };
  const [before, after] = [version(old, 0), version(fresh, 1)];
  const missing = ({ own }: Version) => new Set(all.flatMap((end, number) => (own.has(endText(end)) ? [] : [number])));
  return {
    ends: all,
    space,
    changes: diffConnectivity({ old: before.found, fresh: after.found, ends: all.length, sets }),
    added: missing(before),
    removed: missing(after),
  };
}

interface Version {
  readonly own: ReadonlyMap<string, ConnectivityEnd>;
  readonly found: Connectivity;
}

/** Ends of both, in their common order; both start with the same ranges. */
function mergedEnds(a: readonly ConnectivityEnd[], b: readonly ConnectivityEnd[]): ConnectivityEnd[] {
  const ranges = a.filter(({ shown }) => 'cidr' in shown);
  const workloads = new Map([...a, ...b].filter(({ shown }) => 'name' in shown).map((end) => [keyOf(end), end]));
  return [...ranges, ...[...workloads].sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0)).map(([, end]) => end)];
}

function keyOf({ shown }: ConnectivityEnd): string {
  return 'cidr' in shown ? shown.cidr : `${shown.namespace}\0${shown.name}\0${shown.kind}`;
}

/** Absent when there is no store to ask. */
async function compareObserved(
  old: Estate,
  fresh: Estate,
  request: DiffRequest,
): Promise<ObservedChange[] | undefined> {
  const { store: where } = request.old;
  if (where === undefined || !(await exists(where))) return undefined;
  const store = await openStore(where);
  try {
    const window = await resolveWindow(store, request);
    const scene: Scene = { edges: await readEdges(store, window), inventory: await readInventory(store, window) };
    return observedChanges(judged(scene, old), judged(scene, fresh));
  } finally {
    await store.close();
  }
}

function judged(scene: Scene, { policySet, labelling }: Estate) {
  const { edges, inventory } = setScene(scene, labelling);
  const compiled: Compiled = compile(policySet, inventory);
  prepare(
    compiled,
    edges.flatMap(({ client, server }) => [client, server]),
  );
  return judgeEdges(edges, (traffic) => decide(compiled, traffic));
}
