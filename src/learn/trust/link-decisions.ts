import { linkId } from '../../model/link-id.ts';
import type { LinkDecision } from '../../model/pair.ts';
import { at, type Links } from '../links/links.ts';
import type { Parties } from '../parties/parties.ts';
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

/** Applies what people decided on single links, which they know by the names of both ends. */
export function applyLinkDecisions(
  trust: Trust,
  links: Links,
  { parties, decided }: { readonly parties: Parties; readonly decided: readonly LinkDecision[] },
): void {
  if (decided.length === 0) return;
  const decisions = new Map(decided.map((link) => [linkId(link), link.decision]));
  const servers = new Set(decided.map(({ server }) => server));
  for (let link = 0; link < links.count; link += 1) {
    const server = parties.all[at(links.server, link)]?.name ?? '';
    if (!servers.has(server)) continue;
    const rule = TRUST_RULES[at(trust, link)] as TrustRule;
    if (!isTrusted(trust, link) && !canApprove(rule)) continue;
    const client = parties.all[at(links.client, link)]?.name ?? '';
    const ends = { client, server, protocol: at(links.protocol, link), port: at(links.port, link) };
    const decision = decisions.get(linkId(ends));
    if (decision === 'rejected') trust[link] = RULE_CODE.rejected;
    else if (decision === 'approved' && !isTrusted(trust, link)) trust[link] = RULE_CODE.kept;
  }
}
