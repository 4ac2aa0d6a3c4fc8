import type { PlainObject } from '../../dialects/kubernetes/write.ts';
import type { PreviousRun } from '../../dialects/micropolicies/read-micropolicies.ts';
import { readPredecessor, rolloutDocument } from '../../dialects/micropolicies/rollout.ts';
import { workloadEndpoint } from '../../evaluate/match/facts.ts';
import { type Rollout, rollOut } from '../../learn/pairs/canary.ts';
import { type EndpointQuery, matchesEndpoint, parseEndpointQuery } from '../../model/endpoint-query.ts';
import { type Inventory, workloadId } from '../../model/inventory.ts';
import type { Learned, LearnNote } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';
import { Failure } from '../../util/failure.ts';
import { hash64 } from '../../util/hash64.ts';

/** Which workloads meet a new version first: a share of them, or those that are named. */
export type Canary = { readonly text: string } & ({ readonly percent: number } | { readonly query: EndpointQuery });

/** A rollout in progress, and what `micropolicies.yaml` has to say of it. */
export interface StartedRollout extends Rollout {
  readonly document: PlainObject;
  readonly note: LearnNote;
}

/** `10`, `10%`, or workloads as people type them. */
export function parseCanary(text: string): Canary {
  const percent = /^(\d{1,3})\s*%?$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) >= 1 && Number(percent) <= 100)
    return { text: `${Number(percent)}%`, percent: Number(percent) };
  const query = percent === undefined ? parseEndpointQuery(text) : undefined;
  if (query?.by === 'name' || query?.by === 'labels') return { text, query };
  const remedy = 'Write a percentage from 1 to 100, key=value[,key!=value], namespace/workload or namespace/.';
  throw new Failure('input', `"${text}" names no canary`, remedy);
}

/** What was learned, let loose on the canary only where it could break something. */
export function startRollout(
  learned: Learned,
  canary: Canary,
  { before, inventory }: { readonly before?: PreviousRun | undefined; readonly inventory: Inventory },
): StartedRollout {
  const chosen = chooseWorkloads(learned, canary, inventory);
  const predecessor = readPredecessor(before, learned);
  const rollout = rollOut(learned, predecessor, (workload) => chosen.has(workload));
  const note = noteOf(rollout, { canary, chosen: chosen.size, all: isolated(learned).length });
  return { ...rollout, document: rolloutDocument(canary.text, predecessor), note };
}

function isolated({ defaultDeny: { ingress, egress } }: Learned): string[] {
  return [...new Set([...ingress.members, ...egress.members].map(workloadId))].sort(compareText);
}

function chooseWorkloads(learned: Learned, canary: Canary, { workloads }: Inventory): ReadonlySet<string> {
  const all = isolated(learned);
  if ('percent' in canary) return share(all, canary.percent);
  const meant = workloads.filter((workload) => matchesEndpoint(canary.query, workloadEndpoint(workload)));
  const ids = new Set(meant.map(workloadId));
  const chosen = all.filter((id) => ids.has(id));
  if (chosen.length > 0) return new Set(chosen);
  throw new Failure(
    'input',
    `no workload that is isolated is ${canary.text}`,
    'Look at the workloads: microwall learn.',
  );
}

const STEPS = 10_000n;

/** Drawn by name, so that a larger share holds the smaller one, and others do not change who takes part; never nobody. */
function share(all: readonly string[], percent: number): ReadonlySet<string> {
  const drawn = all.map((id) => ({ id, lot: BigInt(hash64(`canary ${id}`)) % STEPS }));
  const chosen = drawn.filter(({ lot }) => lot * 100n < BigInt(percent) * STEPS);
  const [first] = drawn.sort((a, b) => (a.lot < b.lot ? -1 : a.lot > b.lot ? 1 : 0));
  return new Set((chosen.length > 0 || first === undefined ? chosen : [first]).map(({ id }) => id));
}

function noteOf(
  { kept, waiting }: Rollout,
  { canary, chosen, all }: { readonly canary: Canary; readonly chosen: number; readonly all: number },
): LearnNote {
  const waits = new Set([...waiting.ingress, ...waiting.egress]).size;
  const message = `Canary ${canary.text}: ${chosen} of ${all} workloads; ${waits} others wait to be isolated, and ${kept.length} functions keep their earlier version beside the new one.`;
  return { rule: 'canary', message, remedy: 'Go on with a larger --canary, and finish without it.' };
}
