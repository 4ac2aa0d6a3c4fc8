import type { Edge } from '../model/edge.ts';
import { type Inventory, workloadId } from '../model/inventory.ts';
import type { BlindSpot, Learned, LinkDecision, PreviousIsolation, PreviousPair } from '../model/pair.ts';
import { applyCarried, type Carried, carryGrants } from './earlier/previous.ts';
import { warmStart } from './earlier/warm-start.ts';
import { heldBackLinks, openDirections, summarise } from './findings/left-out.ts';
import { findNotes } from './findings/notes.ts';
import { estimateCoverage } from './findings/statistics.ts';
import { findCandidates } from './functions/candidates.ts';
import { chooseCover } from './functions/cover.ts';
import { type Coverage, findCoverage } from './functions/coverage.ts';
import { foldCopies } from './functions/fold-copies.ts';
import { findItems } from './functions/items.ts';
import { splitExtras } from './functions/split-extras.ts';
import { standingIn } from './functions/standing.ts';
import { findLinkFacts, type LinkFacts } from './links/link-facts.ts';
import { foldLinks, type Links } from './links/links.ts';
import type { LearnOptions } from './options.ts';
import { buildPairs } from './pairs/build-pairs.ts';
import { findDefaultDeny } from './pairs/default-deny.ts';
import { type Draft, draftPairs } from './pairs/drafts.ts';
import { joinCopies } from './pairs/join-copies.ts';
import { type Naming, namingOf } from './pairs/naming.ts';
import { proposeLabels } from './pairs/propose-labels.ts';
import { findBlindSpots } from './pairs/readiness.ts';
import { findUnnamable } from './pairs/unnamable.ts';
import { widenClients } from './pairs/widen-clients.ts';
import { findFamilies } from './parties/families.ts';
import type { Lookalikes } from './parties/lookalikes.ts';
import { findParties, type Parties } from './parties/parties.ts';
import { type SelectorFinder, selectorFinder } from './selectors/selectors.ts';
import { applyLinkDecisions } from './trust/link-decisions.ts';
import { mergeLookalikes, mergeTrust } from './trust/merge-lookalikes.ts';
import type { Trust } from './trust/rules.ts';
import { judgeLinks, trustedEdges } from './trust/trust.ts';

/** What was learned, and the edges that it must allow. */
export interface LearnResult {
  readonly learned: Learned;
  readonly trustedEdges: readonly Edge[];
  /** Absent: function labels name the workloads. */
  readonly naming?: Naming;
}

/** What stays besides the pairs of an earlier run. */
export interface Standing {
  readonly links?: readonly LinkDecision[] | undefined;
  readonly isolated?: PreviousIsolation | undefined;
}

/**
 * Learns paired micropolicies from observed edges. Pure and deterministic: the same edges in any order give the same
 * result. The passes, each from values to values:
 *
 * 1. parties   workloads and outside peers, with labels that are fit for selectors (hygiene)
 * 2. links     edges folded by party and port
 * 3. trust     what may be learned from, and which rule holds the rest back; without function labels, workloads that
 *              existing labels cannot tell apart become one from here on
 * 4. coverage  who can be isolated in which direction without breaking trusted traffic
 * 5. items     each server port with its clients
 * 6. cover     the fewest functions that grant every item (stars, client stars, twins, meshes)
 * 7. selectors the smallest that name the members; where there are none, back to 4; what nearly all clients share may
 *              stand for all of them; copies of an application become one function
 * 8. pairs     names, both sides, evidence; the default denies; the labels that workloads shall carry
 */
export function learn(
  edges: readonly Edge[],
  inventory: Inventory,
  options: LearnOptions,
  previous: readonly PreviousPair[] = [],
  { links: decided = [], isolated }: Standing = {},
): LearnResult {
  const carried = carryGrants(previous, { inventory, cluster: options.cluster });
  const observed = observe(edges, inventory, { options, carried, decided });
  const scene: Scene = options.mode === 'selectors' ? asLabelsTell(observed) : observed;
  const { links, trust, facts, parties } = scene;
  const finder = selectorFinder(parties, previous);
  const { drafts, coverage } = draftFunctions({ links, trust, parties, finder, options, previous, isolated });
  const estimate = estimateCoverage(links, facts, { trust, parties });
  const blindSpots = findBlindSpots(links, facts, parties);
  const pairs = buildPairs(drafts, {
    ...{ links, facts, trust, parties, finder, options, previous, trustedBehind: scene.trustedBehind },
    ...{ coverage: estimate, blindSpots: byWorkload(blindSpots), until: facts.until },
  });
  const defaultDeny = findDefaultDeny(drafts, {
    ...{ links, trust, facts, coverage, parties, finder, options, isolated },
  });
  const heldBack = heldBackLinks(observed.links, observed.trust, observed.parties);
  const learned: Learned = {
    mode: options.mode,
    pairs,
    rejected: previous.filter(({ decision }) => decision === 'rejected'),
    decidedLinks: decided,
    defaultDeny,
    assignments: options.mode === 'labels' ? proposeLabels(pairs, defaultDeny) : [],
    heldBack,
    open: openDirections(coverage, parties),
    coverage: estimate,
    blindSpots,
    notes: findNotes({ drafts, parties, finder, options, ambiguous: observed.ambiguous }),
    summary: summarise({ ...observed, edges: edges.length, pairs, defaultDeny, heldBack }),
  };
  return {
    learned,
    trustedEdges: trustedEdges(observed.links, observed.trust, observed.facts),
    ...(options.mode === 'selectors' && { naming: namingOf(parties, finder) }),
  };
}

/** Who is there, what was seen between whom, and what may be learned from. */
interface Scene {
  readonly parties: Parties;
  readonly links: Links;
  readonly facts: LinkFacts;
  readonly trust: Trust;
  /** How many trusted links each link stands for; absent: itself. */
  readonly trustedBehind?: Int32Array;
}

interface Observed extends Scene {
  /** Approvals of links whose ends several workloads are called by now. */
  readonly ambiguous: readonly LinkDecision[];
}

function observe(
  seen: readonly Edge[],
  inventory: Inventory,
  {
    options,
    carried,
    decided,
  }: { readonly options: LearnOptions; readonly carried: Carried; readonly decided: readonly LinkDecision[] },
): Observed {
  const given = carried.kept.length + carried.rejected.length;
  const edges = given === 0 ? seen : [...seen, ...carried.kept, ...carried.rejected];
  const parties = findParties(edges, inventory, options);
  const links = foldLinks(edges, parties);
  const facts = findLinkFacts(links, parties);
  const trust = judgeLinks(links, facts, { parties, options });
  if (given > 0) applyCarried(trust, links, carried);
  const ambiguous = applyLinkDecisions(trust, links, { parties, decided });
  return { parties, links, facts, trust, ambiguous };
}

/** The same for whoever has nothing but existing labels to name pods by. Trust was judged by workload before. */
function asLabelsTell(scene: Scene): Scene {
  const parties = mergeLookalikes(scene.parties);
  if (parties === scene.parties) return scene;
  const links = foldLinks(scene.links.edges, parties);
  return { parties, links, facts: findLinkFacts(links, parties), ...mergeTrust(scene.trust, scene.links, links) };
}

function byWorkload(blindSpots: readonly BlindSpot[]): ReadonlyMap<string, string> {
  return new Map(blindSpots.map(({ workload, because }) => [workloadId(workload), because]));
}

interface Given {
  readonly links: Links;
  readonly trust: Trust;
  readonly parties: Parties;
  readonly finder: SelectorFinder;
  readonly options: LearnOptions;
  readonly previous: readonly PreviousPair[];
  readonly isolated: PreviousIsolation | undefined;
}

/** Passes 4 to 7, repeated until every end of every draft can be named; each round names at least one party less. */
function draftFunctions(given: Given): { drafts: readonly Draft[]; coverage: Coverage } {
  const { links, trust, parties } = given;
  const unnamable = new Map<number, Lookalikes>();
  const copies = { parties, families: findFamilies(parties.all, given.previous) };
  for (;;) {
    const coverage = findCoverage(links, trust, { ...given, unnamable });
    const standing = standingIn('client', { ...given, coverage });
    const whole = findItems(links, trust, { parties, coverage, standing });
    const owned = warmStart(whole, given.previous, { links, parties });
    const items = foldCopies(splitExtras(owned, { links, parties }), copies);
    const chosen = chooseCover(findCandidates(items, parties), items);
    const drafts = draftPairs(chosen, items, parties);
    const more = findUnnamable(drafts, given);
    const fresh = [...more].filter(([party]) => !unnamable.has(party));
    if (fresh.length === 0) return { drafts: joinCopies(widenClients(drafts, given), copies), coverage };
    for (const [party, lookalikes] of fresh) unnamable.set(party, lookalikes);
  }
}
