import type { EndpointMatcher } from '../../model/policy.ts';
import { EVERYTHING } from '../../model/selector.ts';
import {
  childField,
  converted,
  type Field,
  list,
  object,
  type Read,
  required,
  text,
  warn,
  wrong,
} from '../document/fields.ts';
import { cidr, podsAcross } from '../document/peers.ts';
import { labelSelector } from '../document/selector.ts';

/** A peer of a rule, and what its rule has to know of it. */
export interface Peer {
  readonly matcher: EndpointMatcher;
  /** `none`: no field that is known; its rule must fail closed (A12). */
  readonly form: 'pods' | 'addresses' | 'names' | 'none';
}

/** `list`, but not an empty one. */
export function atLeastOne<T>(item: Read<T>, most: number): Read<readonly T[]> {
  return converted(list(item, most), (items, field) =>
    items.length > 0 ? items : wrong(field, 'too-few-items', 'it needs at least one item', 'Add one, or remove it.'),
  );
}

const OLD_FORMS: Readonly<Record<string, string>> = {
  namespaceSelector: 'Write its matchLabels and matchExpressions directly below namespaces.',
  sameLabels: 'Nothing takes its place; list the namespaces by their labels.',
  notSameLabels: 'Nothing takes its place; list the namespaces by their labels.',
};

/** A15: a newer API server drops the old fields, and what is left selects every namespace. */
const namespaces: Read<EndpointMatcher> = (field) => {
  const old = Object.keys(OLD_FORMS).find((name) => childField(field, name).value !== undefined);
  if (old !== undefined) {
    const message = `${old} belongs to releases before v0.1.7; later ones drop it and select all namespaces`;
    return wrong(childField(field, old), 'old-form', message, OLD_FORMS[old] as string);
  }
  return converted(labelSelector, (selector) => podsAcross(selector, EVERYTHING))(field);
};

const strictPods = converted(
  object({ namespaceSelector: required(labelSelector), podSelector: required(labelSelector) }),
  (read) => podsAcross(read.namespaceSelector, read.podSelector),
);

/** The schema of v1alpha2 asks for podSelector only; without the other, all namespaces are meant. */
const laxPods = converted(
  object({ namespaceSelector: labelSelector, podSelector: required(labelSelector) }),
  ({ namespaceSelector = EVERYTHING, podSelector }) => podsAcross(namespaceSelector, podSelector),
);

const networks = converted(
  atLeastOne(cidr, 25),
  (cidrs): EndpointMatcher => ({ match: 'cidr', cidrs: [...cidrs], except: [] }),
);

const nodes = converted(labelSelector, (selector): EndpointMatcher => ({ match: 'nodeLabels', selector }));

const DOMAIN = /^(\*\.)?([a-z0-9]([-a-z0-9_]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9_]*[a-z0-9])?\.?$/i;

/** C7: the star stands for one or more labels. */
const domainName: Read<string> = converted(text, (name, field) => {
  if (DOMAIN.test(name)) return name.replace(/^\*\./, '**.');
  const remedy = 'Write a name such as example.com, or *.example.com for everything below it.';
  return wrong(field, 'bad-domain-name', `"${name.slice(0, 80)}" is no domain name`, remedy);
});

const domainNames = converted(
  atLeastOne(domainName, 25),
  (patterns): EndpointMatcher => ({ match: 'dnsName', patterns }),
);

/** Readers of subjects and peers; `pods` differs between the versions of the API (A7, A8, C6, C11). */
function peersOf(pods: Read<EndpointMatcher>) {
  return {
    subject: converted(object({ namespaces, pods }), subject),
    ingressPeer: converted(object({ namespaces, pods }), peer),
    egressPeer: converted(object({ namespaces, pods, networks, nodes, domainNames }), peer),
  };
}

export const V1_ALPHA_1 = peersOf(strictPods);
export const V1_ALPHA_2 = peersOf(laxPods);

type Forms = Readonly<Record<string, EndpointMatcher | undefined>>;
type Form = { readonly name: string; readonly matcher: EndpointMatcher };

/** The fields that are set, when there is at most one. */
function atMostOne(read: Forms, field: Field): readonly Form[] | undefined {
  const given = Object.entries(read).flatMap(([name, matcher]) => (matcher ? [{ name, matcher }] : []));
  const [first, second] = given;
  if (second === undefined) return given;
  const message = `${first?.name} and ${second.name} cannot stand together`;
  return wrong(childField(field, second.name), 'bad-peer', message, 'Make them two items, each with its own dash.');
}

function subject(read: Forms, field: Field): EndpointMatcher | undefined {
  const forms = atMostOne(read, field);
  if (forms === undefined || forms[0] !== undefined) return forms?.[0]?.matcher;
  return wrong(field, 'bad-peer', 'a subject needs namespaces or pods', 'Write namespaces: {} for all pods.');
}

const FORMS: Readonly<Record<string, Peer['form']>> = { namespaces: 'pods', pods: 'pods', domainNames: 'names' };

function peer(read: Forms, field: Field): Peer | undefined {
  const forms = atMostOne(read, field);
  if (forms === undefined) return undefined;
  const [only] = forms;
  if (only !== undefined) return { matcher: only.matcher, form: FORMS[only.name] ?? 'addresses' };
  const message = 'a peer without a field that is known: an allowing rule then matches nothing, any other denies all';
  warn(field, 'fails-closed', message, 'Write namespaces: {} for all pods.');
  return { matcher: { match: 'nothing' }, form: 'none' };
}
