import type { EndpointMatcher } from '../../model/policy.ts';
import { EVERYTHING } from '../../model/selector.ts';
import type { KindedDocument, ReadContext } from '../dialect.ts';
import { converted, type Field, list, object, type ReadResult, rootField, text, warn } from '../document/fields.ts';
import { clusterMetadata, metadata, resource } from '../document/metadata.ts';
import { anyOf, podsAcross, podsIn } from '../document/peers.ts';
import { labelSelector } from '../document/selector.ts';
import { ipBlock } from './blocks.ts';
import { onlyTogether, serviceName } from './forms.ts';

/** What a ClusterGroup or Group stands for. */
export interface Group {
  readonly matcher: EndpointMatcher;
  /** Whether it can be a subject of a policy in its namespace: pods of that namespace only. */
  readonly ownPods: boolean;
  readonly blocks: boolean;
}

/** By `/name` for ClusterGroups and `namespace/name` for Groups. */
export type Groups = ReadonlyMap<string, Group>;

const ALONE = ['podSelector', 'externalEntitySelector', 'ipBlocks', 'ipBlock', 'serviceReference', 'childGroups'];

const groupSpec = converted(
  object({
    podSelector: labelSelector,
    namespaceSelector: labelSelector,
    ipBlocks: list(ipBlock),
    ipBlock,
    serviceReference: serviceName,
    externalEntitySelector: labelSelector,
    childGroups: list(text),
  }),
  (read, field) =>
    onlyTogether(read, field, { alone: ALONE, namespaceSelector: ['podSelector', 'externalEntitySelector'] })
      ? read
      : undefined,
);

type Spec = ReadResult<typeof groupSpec>;

const clusterGroup = resource(groupSpec, clusterMetadata);
const namespacedGroup = resource(groupSpec, metadata);

/** ClusterGroup and Group objects. Groups of groups come last, because they refer to the others. */
export function readGroups(documents: readonly KindedDocument[], context: ReadContext): Groups {
  const specs = new Map<string, { readonly spec: Partial<Spec>; readonly field: Field }>();
  for (const { kind, document } of documents) {
    const field = rootField(document, context.findings);
    const read = kind === 'ClusterGroup' ? clusterGroup(field) : namespacedGroup(field);
    if (read === undefined) continue;
    const namespace = kind === 'ClusterGroup' ? '' : read.metadata.namespace || context.defaultNamespace;
    specs.set(`${namespace}/${read.metadata.name}`, { spec: read.spec ?? {}, field });
  }
  const groups = new Map<string, Group>();
  for (const [key, { spec }] of specs) if (!spec.childGroups?.length) groups.set(key, simpleGroup(spec, key));
  const simple: Groups = new Map(groups);
  for (const [key, { spec, field }] of specs) {
    if (spec.childGroups?.length) groups.set(key, nestedGroup(spec.childGroups, simple, { key, field }));
  }
  return groups;
}

function simpleGroup(spec: Partial<Spec>, key: string): Group {
  const namespace = key.slice(0, key.indexOf('/'));
  const { podSelector: pods, namespaceSelector: namespaces, ipBlocks = [], ipBlock: block, serviceReference } = spec;
  const blocks = block ? [...ipBlocks, block] : ipBlocks;
  const ownPods = namespaces === undefined && blocks.length === 0;
  const group = (matcher: EndpointMatcher): Group => ({ matcher, ownPods, blocks: blocks.length > 0 });
  if (blocks.length > 0) return group(anyOf(blocks));
  if (serviceReference) return group(behindService(serviceReference));
  if (spec.externalEntitySelector) return group(EXTERNAL_ENTITIES);
  if (namespaces) return group(podsAcross(namespaces, pods ?? EVERYTHING));
  if (pods) return group(namespace === '' ? podsAcross(EVERYTHING, pods) : podsIn(namespace, pods));
  return group({ match: 'nothing' });
}

/** Groups can be nested one level deep. */
function nestedGroup(
  names: readonly string[],
  simple: Groups,
  { key, field }: { readonly key: string; readonly field: Field },
): Group {
  const namespace = key.slice(0, key.indexOf('/'));
  const place = { ...field, path: ['spec', 'childGroups'] };
  const children = names.map((name) => groupNamed(name, { namespace, groups: simple }, place));
  return {
    matcher: anyOf(children.map(({ matcher }) => matcher)),
    ownPods: children.every(({ ownPods }) => ownPods),
    blocks: children.some(({ blocks }) => blocks),
  };
}

/** The group of this name; one that is not there stands for something unknown, and a warning says so at `field`. */
export function groupNamed(
  name: string,
  { namespace, groups }: { readonly namespace: string; readonly groups: Groups },
  field: Field,
): Group {
  const known = groups.get(`${namespace}/${name}`);
  if (known !== undefined) return known;
  const what = namespace === '' ? `ClusterGroup ${name}` : `Group ${namespace}/${name}`;
  const message = `there is no such ${what}; what depends on its members is uncertain`;
  warn(field, 'unknown-group', message, 'Read the group together with its policies.');
  return { matcher: { match: 'undecidable', missing: `members of ${what}` }, ownPods: true, blocks: false };
}

/** Services are in no inventory. */
export function behindService({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  const missing = `pods behind service ${namespace}/${name}`;
  const matcher: EndpointMatcher = { match: 'all', of: [{ match: 'pod' }, { match: 'undecidable', missing }] };
  return matcher;
}

/** Machines outside the cluster that Antrea knows by name; flows show their addresses only. */
export const EXTERNAL_ENTITIES: EndpointMatcher = {
  match: 'all',
  of: [
    { match: 'kind', kinds: ['external', 'private', 'unmanaged', 'netset'] },
    { match: 'undecidable', missing: 'which addresses are external entities' },
  ],
};
