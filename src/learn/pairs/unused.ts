import type { PreviousPair, UnusedGrant } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';
import { endTexts } from '../functions/end-texts.ts';
import { at } from '../links/links.ts';
import { RULE_CODE } from '../trust/rules.ts';
import type { BuildContext } from './drafts.ts';

const DAY = 86_400_000;
/** Nothing is called unused before so many days, nor before so many of its usual pauses. */
const FEWEST_DAYS = 30;
const PAUSES = 2;

/**
 * The grants among `own` links that only an earlier run bears out and that nobody made use of in this window, with how
 * long they have been silent; sorted. What is used by too few to be trusted anew is in use all the same.
 */
export function unusedGrants(
  own: readonly number[],
  earlier: PreviousPair | undefined,
  { links, trust, facts, parties, until }: BuildContext,
): UnusedGrant[] {
  const known = new Map(earlier?.unused.map((grant) => [textOf(grant), grant.lastSeen]));
  const pause = earlier ? (earlier.lastSeen - earlier.firstSeen) / Math.max(1, earlier.days - 1) : 0;
  const patience = Math.max(FEWEST_DAYS * DAY, PAUSES * pause);
  return own
    .filter((link) => at(trust, link) === RULE_CODE.kept && at(facts.days, link) === 0)
    .flatMap((link) => {
      const door = { protocol: at(links.protocol, link), port: at(links.port, link) };
      const clients = endTexts(at(links.client, link), parties);
      const ends = endTexts(at(links.server, link), parties).flatMap((server) =>
        clients.map((client) => ({ client, server, ...door })),
      );
      return ends.map((end) => {
        const lastSeen = known.get(textOf(end)) ?? earlier?.lastSeen ?? 0;
        return { ...end, lastSeen, expired: until - lastSeen >= patience };
      });
    })
    .sort((a, b) => compareText(textOf(a), textOf(b)));
}

function textOf({ client, server, protocol, port }: Omit<UnusedGrant, 'lastSeen' | 'expired'>): string {
  return `${client} ${server} ${protocol}/${port}`;
}
