import { type Compiled, compile, prepare } from '../../evaluate/compile/compile.ts';
import { withExternalBlocks } from '../../evaluate/connectivity/addresses.ts';
import { type ConnectivityEnd, isOutside } from '../../evaluate/connectivity/connectivity.ts';
import { PortSpace } from '../../evaluate/connectivity/ports.ts';
import { ServiceSets } from '../../evaluate/connectivity/service-sets.ts';
import { effectiveRules } from '../../evaluate/explain/effective-rules.ts';
import { touchedBy } from '../../evaluate/explain/touched-workloads.ts';
import { type EndpointQuery, matchesEndpoint } from '../../model/endpoint-query.ts';
import type { Finding } from '../../model/finding.ts';
import type { PolicySet } from '../../model/policy.ts';
import { RENDER_FORMATS, type RenderFormat } from '../../report/render/formats.ts';
import { Failure } from '../../util/failure.ts';
import { thousands } from '../../util/thousands.ts';
import { estateNotes } from './connectivity.ts';
import { type EndOptions, estateEnds } from './estate-ends.ts';
import { type Estate, type EstateSource, loadEstate } from './load-estate.ts';

export interface RenderRequest extends EndOptions {
  readonly estate: EstateSource;
  /** The policies as they were; only workloads that the change touches are rendered. */
  readonly changedSince?: EstateSource | undefined;
  /** Absent: every workload. */
  readonly workload?: { readonly text: string; readonly query: EndpointQuery } | undefined;
  readonly format: { readonly name: RenderFormat; readonly width: number | undefined };
}

export interface RenderOutcome {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  readonly text?: Iterable<string>;
}

/** The effective rules of workloads, resolved against all workloads and address ranges. */
export async function renderWorkload(request: RenderRequest): Promise<RenderOutcome> {
  // 1. Policies, and what they were.
  const estate = await loadEstate(request.estate);
  const old = request.changedSince && (await loadEstate(request.changedSince));
  const findings = [...estate.findings, ...(old?.findings ?? [])];
  if (estate.broken || old?.broken) return { findings, notes: [] };
  const set = inForce(estate, request);

  // 2. The workloads asked for, and of these the ones that a change touches.
  const ends = estateEnds(estate.inventory.workloads, [set], request);
  const asked = askedEnds(ends, request);
  const version = (policies: PolicySet) => ({ set: policies, compiled: compiledFor(policies, estate, ends) });
  const now = version(set);
  const touches = old && touchedBy(version(inForce(old, request)), now);
  const due = asked.filter((own) => !touches || ends[own]?.members.some(touches));

  // 3. Their effective rules.
  const space = new PortSpace([set]);
  const rulesOf = effectiveRules({ compiled: now.compiled, ends, space, sets: new ServiceSets(space.all) });
  const workloads = due.map((own) => ({ own, ingress: rulesOf(own, 'ingress'), egress: rulesOf(own, 'egress') }));
  const told =
    old === undefined
      ? []
      : [
          `the change touches ${thousands(due.length)} of ${thousands(asked.length)} workloads; only these were recomputed`,
        ];
  return {
    findings,
    notes: [...estate.notes, ...estateNotes(estate, request), ...told],
    text: RENDER_FORMATS[request.format.name]({ ends, space, workloads }, request.format.width),
  };
}

/** All ends are made known at once, which costs little more than one. */
function compiledFor(set: PolicySet, { inventory }: Estate, ends: readonly ConnectivityEnd[]): Compiled {
  const compiled = compile(set, inventory);
  prepare(
    compiled,
    ends.flatMap(({ members }) => members),
  );
  return compiled;
}

function inForce({ policySet }: Estate, { ipBlocks }: EndOptions): PolicySet {
  return ipBlocks === 'external' ? withExternalBlocks(policySet) : policySet;
}

function askedEnds(ends: readonly ConnectivityEnd[], { workload }: RenderRequest): number[] {
  const { query } = workload ?? {};
  const found = [...ends.keys()].filter((number) => {
    const end = ends[number] as ConnectivityEnd;
    return !isOutside(end) && (query === undefined || end.members.some((member) => matchesEndpoint(query, member)));
  });
  if (found.length > 0 || workload === undefined) return found;
  throw new Failure(
    'input',
    `no workload is ${workload.text}`,
    'Write namespace/name as in the manifests, or name them with --inventory.',
  );
}
