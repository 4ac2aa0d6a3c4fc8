import type { EndpointMatcher } from '../../model/policy.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { Inexpressible } from '../writing/documents.ts';
import { allOf } from '../writing/selector-terms.ts';

type Values = readonly string[];

/** The fields of a source that can be asked of a connection, by matcher: asked, and excluded. */
const FIELDS = {
  principal: ['principals', 'notPrincipals'],
  principalNamespace: ['namespaces', 'notNamespaces'],
  cidr: ['ipBlocks', 'notIpBlocks'],
} as const;

/** Sources of which one must hold; absent: anybody, empty: nobody. */
export function writeSources(peer: EndpointMatcher): readonly PlainObject[] | undefined {
  if (peer.match === 'anything') return undefined;
  if (peer.match === 'nothing') return [];
  const sources: PlainObject[] = [];
  for (const alternative of alternativesOf(peer)) {
    const source = sourceOf(alternative);
    if (Object.keys(source).length === 0) return undefined;
    sources.push(source);
  }
  return sources;
}

/** Each a list of what must all hold. */
function alternativesOf(peer: EndpointMatcher): readonly (readonly EndpointMatcher[])[] {
  if (peer.match === 'some') return peer.of.flatMap(alternativesOf);
  return peer.match === 'all' ? allOf(peer.of.map(alternativesOf)) : [[peer]];
}

/** Everything that one source asks; a field can be asked once and excluded any number of times. */
function sourceOf(atoms: readonly EndpointMatcher[]): PlainObject {
  const fields = new Map<string, Values>();
  for (const atom of atoms) {
    if (atom.match === 'anything') continue;
    const [name, values, excluded] = fieldOf(atom);
    const before = fields.get(name);
    if (before !== undefined && !excluded) throw new Inexpressible(`Istio asks ${name} once in a source`);
    fields.set(name, [...(before ?? []), ...values]);
  }
  return Object.fromEntries(fields);
}

function fieldOf(atom: EndpointMatcher): [name: string, values: Values, excluded: boolean] {
  const excluded = atom.match === 'not';
  const inner = excluded ? atom.of : atom;
  const at = excluded ? 1 : 0;
  if (inner.match === 'principal' || inner.match === 'principalNamespace') {
    return [FIELDS[inner.match][at], inner.patterns, excluded];
  }
  if (inner.match === 'cidr' && inner.pods === true && inner.except.length === 0) {
    return [FIELDS.cidr[at], inner.cidrs, excluded];
  }
  throw new Inexpressible(`Istio knows peers by mesh identity and address, not by "${inner.match}"`);
}
