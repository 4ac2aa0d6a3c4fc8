import { compile } from '../../evaluate/compile/compile.ts';
import { withExternalBlocks } from '../../evaluate/connectivity/addresses.ts';
import { Connectivity } from '../../evaluate/connectivity/connectivity.ts';
import { PortSpace } from '../../evaluate/connectivity/ports.ts';
import { ServiceSets } from '../../evaluate/connectivity/service-sets.ts';
import type { Finding } from '../../model/finding.ts';
import { CONNECTIVITY_FORMATS, type ConnectivityFormat } from '../../report/connectivity/formats.ts';
import { thousands } from '../../util/thousands.ts';
import { type EndOptions, estateEnds } from './estate-ends.ts';
import { type Estate, type EstateSource, loadEstate } from './load-estate.ts';

export interface ConnectivityRequest extends EndOptions {
  readonly estate: EstateSource;
  readonly format: { readonly name: ConnectivityFormat; readonly width: number | undefined };
}

export interface ConnectivityOutcome {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  /** The result in pieces; absent when policies or workloads could not be read exactly. */
  readonly text?: Iterable<string>;
  /** Known only when all of the text was made. */
  readonly notesAfterwards?: () => readonly string[];
}

/** All connections that policies allow between the workloads of manifests and all addresses. */
export async function connectivity(request: ConnectivityRequest): Promise<ConnectivityOutcome> {
  // 1. Policies and workloads.
  const estate = await loadEstate(request.estate);
  if (estate.broken) return { findings: estate.findings, notes: [] };

  // 2. Ends, and what they may do to each other.
  const policySet = request.ipBlocks === 'external' ? withExternalBlocks(estate.policySet) : estate.policySet;
  const ends = estateEnds(estate.inventory.workloads, [policySet], request);
  const space = new PortSpace([policySet]);
  const sets = new ServiceSets(space.all);
  const compiled = compile(policySet, estate.inventory);
  const found = new Connectivity({ compiled, ends, space, sets });

  // 3. The form asked for, written while it is decided.
  const text = CONNECTIVITY_FORMATS[request.format.name]({ ends, found, space, sets }, request.format.width);
  return {
    findings: estate.findings,
    notes: [...estate.notes, ...estateNotes(estate, request), ...told(found, ends.length)],
    text,
    notesAfterwards: () => (sets.anyUncertain ? [UNCERTAIN] : []),
  };
}

const UNCERTAIN =
  'some connections hinge on what the manifests do not tell, e.g. addresses of pods; they are left out (-o table shows them as "at most")';

function told(found: Connectivity, ends: number): string[] {
  return [`${thousands(ends)} ends, of which the policies tell ${thousands(found.distinct)} kinds apart`];
}

/** What readers of the result should know about the workloads. */
export function estateNotes(
  { inventory, from, policySet }: Estate,
  { hostNetwork }: Pick<EndOptions, 'hostNetwork'>,
): string[] {
  const notes: string[] = [];
  if (from === 'none') notes.push('no workload was found: name their manifests with --inventory');
  if (from === 'store') notes.push('workloads are those that the store has seen');
  const onHost = inventory.workloads.filter((one) => one.hostNetwork === true).length;
  if (onHost > 0 && hostNetwork === 'pods') {
    notes.push(
      `${onHost} workloads share the network of their node, where most products enforce nothing (--host-network nodes)`,
    );
  }
  if (policySet.policies.every(({ staged }) => staged)) notes.push('no policy is in force, so everything is allowed');
  return notes;
}
