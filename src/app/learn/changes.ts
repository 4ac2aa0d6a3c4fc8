import { pairWords } from '../../dialects/micropolicies/micropolicies.ts';
import type { PreviousRun } from '../../dialects/micropolicies/read-micropolicies.ts';
import { workloadId } from '../../model/inventory.ts';
import { linkId } from '../../model/link-id.ts';
import type { HeldBack, Learned, PairPort, PolicyPair, PreviousPair, PreviousSide } from '../../model/pair.ts';
import { protocolName } from '../../model/ports.ts';
import { compareText } from '../../util/compare.ts';
import type { FolderPlan } from '../write-folder.ts';
import type { BlastRadius } from './blast-radius.ts';
import { labelOf, lastGranted } from './carry-over.ts';

/** What became of one pair since the last run. */
export interface PairChange {
  readonly id: string;
  readonly function: string;
  readonly change: 'new' | 'changed' | 'rejected' | 'gone';
  /** Versions; the first is absent for a new pair, the second for one that is no longer granted. */
  readonly from?: string;
  readonly to?: string;
  /** Grants less than before. */
  readonly takes: boolean;
  /** One clause each: `client shop/Deployment/web added`. */
  readonly details: readonly string[];
}

/** What a run does to what stands in its folder. */
export interface LearnChanges {
  /** False when the folder held no earlier run. */
  readonly again: boolean;
  /** Sorted by function. */
  readonly pairs: readonly PairChange[];
  /** Links that are held back and were not listed before. */
  readonly heldBack: readonly HeldBack[];
  /** Ids of links that were listed before and are no longer held back. */
  readonly released: readonly string[];
  /** Workloads that are isolated from now on, and those that no longer are, as `ingress of shop/Deployment/cart`. */
  readonly isolated: readonly string[];
  readonly opened: readonly string[];
  /** Members of pairs that nobody knows and that were not there before: misspelled by a person. */
  readonly unknown: readonly string[];
  /** Observed traffic that is decided otherwise; absent when the earlier policies could not be read. */
  readonly traffic?: BlastRadius;
  /** Why they could not, with the place. */
  readonly unread?: string;
  readonly files: FolderPlan;
}

/** Compares what two runs grant, hold back and isolate. */
export function compareRuns(
  learned: Learned,
  before: PreviousRun | undefined,
): Omit<LearnChanges, 'unknown' | 'traffic' | 'unread' | 'files'> {
  const listed = new Set(before ? heldBackIds(before.document) : []);
  const now = new Set(learned.heldBack.map(linkId));
  const isolated = isolatedEnds(before?.document.defaultDeny as IsolationFields | undefined);
  const { ingress, egress } = learned.defaultDeny;
  const isolates = isolatedEnds({ ingress: idsOf(ingress), egress: idsOf(egress) });
  return {
    again: before !== undefined,
    pairs: pairChanges(learned, before),
    heldBack: learned.heldBack.filter((link) => !listed.has(linkId(link))),
    released: [...listed].filter((id) => !now.has(id)).sort(compareText),
    isolated: without(isolates, isolated),
    opened: without(isolated, isolates),
  };
}

type IsolationFields = Readonly<Partial<Record<'ingress' | 'egress', { readonly members: readonly string[] }>>>;

function isolatedEnds(fields: IsolationFields = {}): string[] {
  const sides = ['ingress', 'egress'] as const;
  return sides.flatMap((side) => (fields[side]?.members ?? []).map((id) => `${side} of ${id}`));
}

function idsOf({ members }: Learned['defaultDeny']['ingress']): { readonly members: readonly string[] } {
  return { members: members.map(workloadId) };
}

function pairChanges(learned: Learned, before: PreviousRun | undefined): PairChange[] {
  const granted = grantedIds(before?.document.pairs);
  const earlier = new Map(
    (before ? lastGranted(before) : []).filter(({ id }) => granted.has(id)).map((pair) => [pair.id, pair]),
  );
  const living = new Set(learned.pairs.map(({ id }) => id));
  const lost = [...earlier.values()].filter(({ id }) => !living.has(id)).map(lostPair);
  const others = learned.pairs.flatMap((pair) => changeOf(pair, earlier.get(pair.id)) ?? []);
  return [...others, ...lost].sort((a, b) => compareText(a.function, b.function) || compareText(a.id, b.id));
}

/** Pairs of the list `pairs`, rejected or not: what the policies in the folder still grant. */
function grantedIds(pairs: unknown): ReadonlySet<string> {
  return new Set((pairs as { readonly id: string }[] | undefined)?.map(({ id }) => id));
}

function heldBackIds(document: Readonly<Record<string, unknown>>): string[] {
  const { heldBack = [] } = (document.leftOut ?? {}) as { heldBack?: { links?: { id?: string }[] }[] };
  return heldBack.flatMap(({ links = [] }) => links.flatMap(({ id }) => id ?? []));
}

function lostPair({ id, function: name, version, decision, details = {} }: PreviousPair): PairChange {
  const change = decision === 'rejected' ? 'rejected' : 'gone';
  const { by = 'a person', reason } = details;
  const told = change === 'rejected' ? [`${by} rejected it${reason === undefined ? '' : `: ${reason}`}`] : [];
  return { id, function: name, change, from: version, takes: true, details: told };
}

function changeOf(pair: PolicyPair, before: PreviousPair | undefined): PairChange | undefined {
  const { id, function: name, version: to } = pair;
  if (!before) return { id, function: name, change: 'new', to, takes: false, details: [] };
  if (before.version === to && before.words === pairWords(pair)) return undefined;
  const label = labelOf(before);
  const renamed = label === '' || label === pair.label ? [] : [`renamed: the label ${label} becomes ${pair.label}`];
  const named = name === before.function ? [] : [`now called ${name}; ${before.function} is a label key in use`];
  const compared = [
    ...compareScopes(before.scope, pair.scope),
    ...compareLists('port', before.ports.map(portText), pair.ports.map(portText)),
    ...compareLists('server', endTexts(before.service), endTexts(pair.service)),
    ...compareLists('client', endTexts(before.client), endTexts(pair.client)),
  ];
  const details = [...renamed, ...named, ...compared.map(({ text }) => text)];
  const takes = compared.some(({ taken }) => taken);
  return {
    ...{ id, function: name, change: 'changed', from: before.version, to, takes },
    details: details.length > 0 ? details : ['selectors or words changed, the grants did not'],
  };
}

/** Copies of an application that stay apart; one that joins or leaves is told, or that there are any at all. */
function compareScopes(
  before: readonly string[] | undefined,
  now: readonly string[] | undefined,
): { readonly text: string; readonly taken: boolean }[] {
  if (before && now) return compareLists('copy in', before, now);
  if (now) return [{ text: `granted in each of ${now.join(', ')} by itself`, taken: false }];
  return before ? [{ text: `no longer granted in each of ${before.join(', ')} by itself`, taken: false }] : [];
}

function compareLists(
  what: string,
  before: readonly string[],
  now: readonly string[],
): { readonly text: string; readonly taken: boolean }[] {
  return [
    ...without(before, now).map((element) => ({ text: `${what} ${element} removed`, taken: true })),
    ...without(now, before).map((element) => ({ text: `${what} ${element} added`, taken: false })),
  ];
}

function without(elements: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return elements.filter((element) => !known.has(element));
}

/** `TCP/8080`. */
export function portText({ protocol, port }: Pick<PairPort, 'protocol' | 'port'>): string {
  return `${protocolName(protocol)}/${port}`;
}

function endTexts({ members, outside }: PreviousSide): string[] {
  const peers = outside.flatMap((peer) => {
    if (peer.peer === 'pods') return peer.members.length > 0 ? peer.members.map(workloadId) : [peer.what];
    return [
      ...peer.cidrs.map((cidr) => `${peer.what} ${cidr}`),
      ...peer.except.map((cidr) => `${peer.what} but ${cidr}`),
    ];
  });
  return [...members.map(workloadId), ...peers];
}

/** Whether a run would decide more observed edges, or edges of more workloads, otherwise than a person allows. */
export function isTooMuch({ traffic }: LearnChanges, limit: number | undefined): boolean {
  return (
    limit !== undefined && traffic !== undefined && Math.max(traffic.edges.length, traffic.workloads.length) > limit
  );
}

/** Members that no earlier run labelled and that are not among `known` workloads, sorted. */
export function unknownMembers(
  { pairs }: Pick<Learned, 'pairs'>,
  before: PreviousRun | undefined,
  known: Iterable<string>,
): string[] {
  const names = new Set([...known, ...Object.keys((before?.document.assignments ?? {}) as object)]);
  const members = pairs.flatMap(({ service, client }) => [...service.members, ...client.members].map(workloadId));
  return [...new Set(members)].filter((id) => !names.has(id)).sort(compareText);
}
