import type { EndpointMatcher } from '../../model/policy.ts';
import { overlaps, parseCidr } from '../../util/ip.ts';
import { childField, converted, list, object, type Read, required, wrong } from '../document/fields.ts';
import { cidr, strictlyInside } from '../document/peers.ts';

type Block = Extract<EndpointMatcher, { match: 'cidr' }>;

/** N11: what is excepted does not match, and goes on to lower rules. */
export const ipBlock: Read<Block> = converted(
  object({ cidr: required(cidr), except: list(cidr) }),
  ({ cidr: block, except = [] }, field) => {
    const outside = except.findIndex((inner) => !strictlyInside(inner, block));
    if (outside < 0) return { match: 'cidr', cidrs: [block], except };
    const message = `${except[outside]} does not lie strictly inside ${block}`;
    const remedy = 'Name a smaller block inside cidr, or remove the exception.';
    return wrong(childField(childField(field, 'except'), outside), 'bad-except', message, remedy);
  },
);

const MULTICAST = ['224.0.0.0/4', 'ff00::/8'].flatMap((block) => parseCidr(block) ?? []);

/** Whether the block is one of multicast groups. */
export function isMulticast({ cidrs }: Block): boolean {
  return cidrs.some((block) => {
    const range = parseCidr(block);
    return range !== undefined && MULTICAST.some((groups) => overlaps(groups, range) && groups.from <= range.from);
  });
}
