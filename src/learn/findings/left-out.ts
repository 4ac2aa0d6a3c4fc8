import type { DefaultDeny, HeldBack, LearnSummary, OpenDirection, PolicyPair } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';
import type { Coverage } from '../functions/coverage.ts';
import { sightings, toEvidence } from '../links/evidence.ts';
import { at, edgesOfLink, type Links } from '../links/links.ts';
import { linkNames } from '../parties/link-names.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { isTrusted, PROPOSED, RULE_CODE, TRUST_RULES, type Trust } from '../trust/rules.ts';

/** Links of subjects that were observed and are not granted, each with the rule that held it back. */
export function heldBackLinks(links: Links, trust: Trust, parties: Parties): HeldBack[] {
  const { unique } = linkNames(parties.all);
  const held: HeldBack[] = [];
  for (let link = 0; link < links.count; link += 1) {
    const rule = at(trust, link);
    if (isTrusted(trust, link) || rule === RULE_CODE['own-node'] || !inScope(links, link, parties)) continue;
    held.push({
      rule: TRUST_RULES[rule] ?? '',
      proposed: PROPOSED.has(rule),
      client: unique[at(links.client, link)] ?? '',
      server: unique[at(links.server, link)] ?? '',
      protocol: at(links.protocol, link),
      port: at(links.port, link),
      evidence: toEvidence(sightings(edgesOfLink(links, link)), 1),
    });
  }
  return held.sort(
    (a, b) =>
      compareText(a.rule, b.rule) ||
      compareText(a.client, b.client) ||
      compareText(a.server, b.server) ||
      a.protocol - b.protocol ||
      a.port - b.port,
  );
}

function inScope(links: Links, link: number, parties: Parties): boolean {
  const client = parties.all[at(links.client, link)] as Party;
  const server = parties.all[at(links.server, link)] as Party;
  return client.subject || server.subject;
}

/** At most this many causes are spelled out for one workload. */
const CAUSES = 3;

/** Workloads that stay open in a direction, with the causes. */
export function openDirections(coverage: Coverage, parties: Parties): OpenDirection[] {
  const open = (['egress', 'ingress'] as const).flatMap((side) =>
    [...coverage[side]].flatMap(([index, causes]) =>
      (parties.all[index]?.workloads ?? []).map((workload) => ({
        workload,
        side,
        because: [...causes].sort(compareText).slice(0, CAUSES),
      })),
    ),
  );
  return open.sort(
    (a, b) =>
      compareText(a.workload.namespace, b.workload.namespace) ||
      compareText(a.workload.kind, b.workload.kind) ||
      compareText(a.workload.name, b.workload.name) ||
      compareText(a.side, b.side),
  );
}

/** The headline figures. */
export function summarise(given: {
  readonly edges: number;
  readonly links: Links;
  readonly trust: Trust;
  readonly parties: Parties;
  readonly pairs: readonly PolicyPair[];
  readonly defaultDeny: DefaultDeny;
  readonly heldBack: readonly HeldBack[];
}): LearnSummary {
  const { links, trust, parties } = given;
  const count = { trusted: 0, ownNode: 0, outOfScope: 0 };
  const subject = Uint8Array.from(parties.all, (party) => (party.subject ? 1 : 0));
  for (let link = 0; link < links.count; link += 1) {
    if (at(trust, link) === RULE_CODE['own-node']) count.ownNode += 1;
    else if (at(subject, at(links.client, link)) + at(subject, at(links.server, link)) === 0) count.outOfScope += 1;
    else if (isTrusted(trust, link)) count.trusted += 1;
  }
  const rules = [...new Set(given.heldBack.map(({ rule }) => rule))];
  return {
    edges: given.edges,
    links: links.count,
    ...count,
    pairs: given.pairs.length,
    subjects: workloadCount(parties.all.filter(({ subject }) => subject)),
    egressIsolated: given.defaultDeny.egress.members.length,
    ingressIsolated: given.defaultDeny.ingress.members.length,
    heldBack: new Map(rules.map((rule) => [rule, given.heldBack.filter((held) => held.rule === rule).length])),
  };
}

function workloadCount(parties: readonly Party[]): number {
  return parties.reduce((sum, { workloads }) => sum + workloads.length, 0);
}
