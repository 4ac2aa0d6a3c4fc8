import { linkId } from '../../model/link-id.ts';
import type { LinkDecision } from '../../model/pair.ts';
import { at, type Links } from '../links/links.ts';
import { linkNames, namesOf } from '../parties/link-names.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { isTrusted, RULE_CODE, TRUST_RULES, type Trust, type TrustRule } from './rules.ts';

/** Rules a person may overrule: both ends are known and something got through, so that it can be written as a grant. */
const OVERRULED: ReadonlySet<TrustRule> = new Set([
  'metadata-address',
  'scan-episode',
  'one-day',
  'one-client',
  'seen-once',
]);

/** Whether a person's approval grants what this rule held back. */
export function canApprove(rule: string): boolean {
  return OVERRULED.has(rule as TrustRule);
}

/**
 * Applies what people decided on single links, which they know by the names of both ends. A name that several bear by
 * now rejects for all of them and grants for none; the approvals that this leaves out are given back.
 */
export function applyLinkDecisions(
  trust: Trust,
  links: Links,
  { parties, decided }: { readonly parties: Parties; readonly decided: readonly LinkDecision[] },
): readonly LinkDecision[] {
  if (decided.length === 0) return [];
  const { shared } = linkNames(parties.all);
  const ambiguous = decided.filter(
    ({ decision, client, server }) => decision === 'approved' && (shared.has(client) || shared.has(server)),
  );
  const clear = decided.filter((link) => !ambiguous.includes(link));
  const decisions = new Map(clear.map((link) => [linkId(link), link.decision]));
  const servers = new Set(clear.map(({ server }) => server));
  const decidedNames = parties.all.map((party) => namesOf(party).filter((name) => servers.has(name)));
  for (let link = 0; link < links.count; link += 1) {
    const names = decidedNames[at(links.server, link)] ?? [];
    if (names.length === 0) continue;
    const rule = TRUST_RULES[at(trust, link)] as TrustRule;
    if (!isTrusted(trust, link) && !canApprove(rule)) continue;
    const door = { protocol: at(links.protocol, link), port: at(links.port, link) };
    const found = namesOf(parties.all[at(links.client, link)] as Party).flatMap((client) =>
      names.map((server) => decisions.get(linkId({ client, server, ...door }))),
    );
    if (found.includes('rejected')) trust[link] = RULE_CODE.rejected;
    else if (found.includes('approved') && !isTrusted(trust, link)) trust[link] = RULE_CODE.kept;
  }
  return ambiguous;
}
