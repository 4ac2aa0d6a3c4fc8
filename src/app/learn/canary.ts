import type { PlainObject } from '../../dialects/kubernetes/write.ts';
import type { PreviousRun } from '../../dialects/micropolicies/read-micropolicies.ts';
import { type Predecessor, readPredecessor, rolloutDocument } from '../../dialects/micropolicies/rollout.ts';
import { workloadEndpoint } from '../../evaluate/match/facts.ts';
import { type Rollout, rollOut } from '../../learn/pairs/canary.ts';
import type { Naming } from '../../learn/pairs/naming.ts';
import { type EndpointQuery, matchesEndpoint, parseEndpointQuery } from '../../model/endpoint-query.ts';
import { type Inventory, workloadId } from '../../model/inventory.ts';
import type { Learned, LearnNote } from '../../model/pair.ts';
import type { Side } from '../../model/policy.ts';
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

/** What a rollout starts from. */
export interface RolloutGiven {
  readonly before?: PreviousRun | undefined;
  readonly inventory: Inventory;
  /** How workloads are named without function labels. */
  readonly naming?: Naming | undefined;
  /** Directions in which policies can isolate at all. */
  readonly sides: readonly Side[];
}

/** What was learned, let loose on the canary only where it could break something. */
export function startRollout(learned: Learned, canary: Canary, given: RolloutGiven): StartedRollout {
  const { naming, sides } = given;
  const idsOf = (side: Side): string[] => learned.defaultDeny[side].members.map(workloadId);
  const all = [...new Set(sides.flatMap(idsOf))].sort(compareText);
  const alike = (naming?.alike ?? []).map((group) => group.map(workloadId));
  const written = readPredecessor(given.before, learned);
  const predecessor = {
    ...written,
    ingress: withAlike(written.ingress, alike),
    // Where nothing is isolated in egress, nobody has to wait for it.
    egress: sides.includes('egress') ? withAlike(written.egress, alike) : new Set(idsOf('egress')),
  };
  const chosen =
    'percent' in canary ? share(all, canary.percent, alike) : named(canary, { all, alike, given, predecessor });
  const rollout = rollOut(learned, predecessor, { takesPart: (workload) => chosen.has(workload), naming });
  const waiting = new Set(sides.flatMap((side) => [...rollout.waiting[side]])).size;
  const note = noteOf(rollout, { canary, chosen: chosen.size, all: all.length, waiting });
  return { ...rollout, document: rolloutDocument(canary.text, written), note };
}

/** Workloads that no label tells apart. */
type Alike = readonly (readonly string[])[];

/** Policies cannot select one of those who are alike without the others. */
function withAlike(ids: ReadonlySet<string>, alike: Alike): ReadonlySet<string> {
  return new Set([...ids, ...alike.filter((group) => group.some((id) => ids.has(id))).flat()]);
}

interface Choice {
  readonly all: readonly string[];
  readonly alike: Alike;
  readonly given: RolloutGiven;
  readonly predecessor: Predecessor;
}

/** The workloads that are meant by name or labels; each alone, because a person named them. */
function named(
  { text, query }: Canary & { readonly query: EndpointQuery },
  { all, alike, given, predecessor: { ingress, egress } }: Choice,
): ReadonlySet<string> {
  const meant = given.inventory.workloads.filter((workload) => matchesEndpoint(query, workloadEndpoint(workload)));
  const ids = new Set(meant.map(workloadId));
  const chosen = new Set(all.filter((id) => ids.has(id)));
  if (chosen.size === 0)
    throw new Failure('input', `no workload that is isolated is ${text}`, 'Look at the workloads: microwall learn.');
  for (const group of alike) {
    const others = group.filter((id) => !chosen.has(id) && !(ingress.has(id) && egress.has(id)));
    const [one] = group.filter((id) => chosen.has(id));
    if (one === undefined || others.length === 0) continue;
    throw new Failure(
      'input',
      `canary ${text}: existing labels cannot tell ${one} from ${others.slice(0, 3).join(', ')}, which would be isolated with it`,
      'Name all of them, give one a label of its own, or use --mode labels, which tells workloads by their owners.',
    );
  }
  return chosen;
}

const STEPS = 10_000n;

/**
 * Drawn by name, so that a larger share holds the smaller one, and others do not change who takes part; never nobody.
 * Those who are alike share a lot, that of the first.
 */
function share(all: readonly string[], percent: number, alike: Alike): ReadonlySet<string> {
  const first = new Map(alike.flatMap((group) => group.map((id) => [id, group[0] ?? id] as const)));
  const lotOf = (id: string): bigint => BigInt(hash64(`canary ${first.get(id) ?? id}`)) % STEPS;
  const drawn = all.map((id) => ({ id, lot: lotOf(id) }));
  const chosen = drawn.filter(({ lot }) => lot * 100n < BigInt(percent) * STEPS);
  if (chosen.length > 0) return new Set(chosen.map(({ id }) => id));
  const [winner] = drawn.sort((a, b) => (a.lot < b.lot ? -1 : a.lot > b.lot ? 1 : 0));
  return new Set(all.filter((id) => winner && (first.get(id) ?? id) === (first.get(winner.id) ?? winner.id)));
}

function noteOf(
  { kept }: Rollout,
  of: { readonly canary: Canary; readonly chosen: number; readonly all: number; readonly waiting: number },
): LearnNote {
  const { canary, chosen, all, waiting } = of;
  const message = `Canary ${canary.text}: ${chosen} of ${all} workloads; ${waiting} others wait to be isolated, and ${kept.length} functions keep their earlier version beside the new one.`;
  return { rule: 'canary', message, remedy: 'Go on with a larger --canary, and finish without it.' };
}
