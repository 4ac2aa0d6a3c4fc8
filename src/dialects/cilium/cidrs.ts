import type { EndpointMatcher } from '../../model/policy.ts';
import { type Selector, selects } from '../../model/selector.ts';
import { contains, parseCidr } from '../../util/ip.ts';
import type { KindedDocument, ReadContext } from '../dialect.ts';
import {
  childField,
  converted,
  type Field,
  ignored,
  list,
  object,
  type Read,
  required,
  rootField,
  text,
  warn,
  wrong,
} from '../document/fields.ts';
import { clusterMetadata } from '../document/metadata.ts';
import { anyOf, cidr } from '../document/peers.ts';
import { labelSelector } from '../document/selector.ts';
import { WORLD } from './entities.ts';

/** A CiliumCIDRGroup. */
export interface CidrGroup {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly cidrs: readonly string[];
}

const group = object({
  apiVersion: required(text),
  kind: required(text),
  metadata: required(clusterMetadata),
  spec: required(object({ externalCIDRs: required(list(cidr)) })),
  status: ignored,
});

export function readCidrGroup({ document }: KindedDocument, { findings }: ReadContext): CidrGroup | undefined {
  const read = group(rootField(document, findings));
  return read && { name: read.metadata.name, labels: read.metadata.labels, cidrs: read.spec.externalCIDRs };
}

/** X20: address blocks match what has no identity in the cluster, so `0.0.0.0/0` is the world and not everything. */
export function blocks(cidrs: readonly string[], except: readonly string[] = []): EndpointMatcher {
  return { match: 'all', of: [WORLD, { match: 'cidr', cidrs, except, pods: false }] };
}

/** A peer that needs the groups beside the policy. */
export type CidrPeer = (groups: readonly CidrGroup[]) => EndpointMatcher;

const item = object({ cidr, cidrGroupRef: text, cidrGroupSelector: labelSelector, except: list(cidr) });

/** An item of `fromCIDRSet` or `toCIDRSet`. Exceptions take from this item alone. */
export const cidrSetItem: Read<CidrPeer> = converted(item, (read, field) => {
  const { cidr: block, cidrGroupRef, cidrGroupSelector, except = [] } = read;
  const forms = [block, cidrGroupRef, cidrGroupSelector].filter((form) => form !== undefined);
  if (forms.length !== 1) {
    const message = 'it needs exactly one of cidr, cidrGroupRef and cidrGroupSelector';
    return wrong(field, 'bad-cidr', message, 'Keep one, and make further list items of the others.');
  }
  if (block !== undefined) return outside(field, block, except) ? undefined : () => blocks([block], except);
  return cidrGroupRef !== undefined
    ? (groups) => byName(groups, cidrGroupRef, { field, except })
    : (groups) => byLabels(groups, cidrGroupSelector as Selector, { field, except });
});

function outside(field: Field, block: string, except: readonly string[]): boolean {
  const outer = parseCidr(block);
  const index = except.findIndex((one) => {
    const inner = parseCidr(one);
    return outer === undefined || inner === undefined || !contains(outer, inner);
  });
  if (index < 0) return false;
  const place = childField(childField(field, 'except'), index);
  wrong(
    place,
    'bad-except',
    `${except[index]} does not lie inside ${block}`,
    'Name a block inside cidr, or remove it.',
  );
  return true;
}

interface GroupUse {
  readonly field: Field;
  readonly except: readonly string[];
}

function byName(groups: readonly CidrGroup[], name: string, use: GroupUse): EndpointMatcher {
  const found = groups.filter((one) => one.name === name);
  return ofGroups(found, `CiliumCIDRGroup ${name}`, { ...use, field: childField(use.field, 'cidrGroupRef') });
}

function byLabels(groups: readonly CidrGroup[], selector: Selector, use: GroupUse): EndpointMatcher {
  const found = groups.filter(({ labels }) => selects(selector, labels));
  const field = childField(use.field, 'cidrGroupSelector');
  return ofGroups(found, 'the selected CiliumCIDRGroups', { ...use, field });
}

function ofGroups(found: readonly CidrGroup[], what: string, { field, except }: GroupUse): EndpointMatcher {
  const cidrs = found.flatMap((one) => one.cidrs);
  if (found.length > 0) return cidrs.length > 0 ? blocks(cidrs, except) : anyOf([]);
  const remedy = 'Read the CiliumCIDRGroup together with the policy; until then what hinges on it is uncertain.';
  warn(field, 'unknown-group', `${what} is not among what was read`, remedy);
  return { match: 'all', of: [WORLD, { match: 'undecidable', missing: `addresses of ${what}` }] };
}
