import { type EndpointMatcher, policyName } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { compareText } from '../../util/compare.ts';
import type { KindedDocument, ReadContext } from '../dialect.ts';
import { type Field, list, object, type Read, rootField, text, warn, wrong } from '../document/fields.ts';
import { clusterMetadata, metadata, resource } from '../document/metadata.ts';
import { every, onNamespace, picks, type SetLabels, setLabels } from './labels.ts';
import { storedLabels } from './stored-metadata.ts';
import { net } from './values.ts';

/** Addresses that rules pick by labels: a network set, or a host with its addresses. */
export interface NetworkSet {
  /** `namespace/name`, or the name of a global one; `''` for hosts. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: SetLabels;
  readonly nets: readonly string[];
}

/** How a rule picks sets: each part has to hold. */
export interface SetQuery {
  /** Absent: any namespace or none. */
  readonly where?: { readonly namespace: string } | { readonly namespaces: Selector } | 'global';
  readonly selector?: Selector;
  /** Names a service account, which sets have not. */
  readonly account?: boolean;
}

/** A name of a domain where only addresses can be read. */
const domains: Read<never> = (field) =>
  wrong(
    field,
    'unsupported-field',
    'domain names are a feature of Calico Enterprise and Cloud',
    'List the addresses under nets.',
  );

const networkSet = object({ nets: list(net), allowedEgressDomains: domains });

const hostEndpoint = object({
  node: text,
  interfaceName: text,
  expectedIPs: list(net),
  profiles: list(text),
  ports: list(object({ name: text, protocol: (field) => field.value, port: (field) => field.value })),
});

/** NetworkSet, GlobalNetworkSet and HostEndpoint objects, as what rules can pick by label (P29). */
export function readSet({ kind, document }: KindedDocument, context: ReadContext): NetworkSet | undefined {
  const field = rootField(document, context.findings);
  if (kind === 'HostEndpoint') return readHost(field);
  const global = kind === 'GlobalNetworkSet';
  const read = resourceOf(networkSet, global)(field);
  if (read === undefined) return undefined;
  const namespace = global ? '' : read.metadata.namespace || context.defaultNamespace;
  return {
    name: policyName({ namespace, name: read.metadata.name }),
    namespace,
    labels: setLabels(storedLabels(read.metadata), namespace, context.namespaces.get(namespace)),
    nets: read.spec?.nets ?? [],
  };
}

function readHost(field: Field): NetworkSet | undefined {
  const read = resourceOf(hostEndpoint, true)(field);
  if (read === undefined) return undefined;
  const message = 'rules see this host as a peer, but policies are not applied to it: only pods are judged';
  warn({ ...field, path: ['kind'] }, 'host-not-judged', message, 'Nothing to do when only pods matter.');
  return {
    name: '',
    namespace: '',
    labels: setLabels(storedLabels(read.metadata), '', undefined),
    nets: read.spec?.expectedIPs ?? [],
  };
}

function resourceOf<T>(spec: Read<T>, global: boolean) {
  return resource(spec, global ? clusterMetadata : metadata);
}

/** What the sets that a rule picks stand for; a set that may or may not be picked counts as unknown. */
export function setsMatcher(sets: readonly NetworkSet[], query: SetQuery): EndpointMatcher[] {
  const [sure, open] = [new Set<string>(), new Set<string>()];
  const names: string[] = [];
  for (const set of sets) {
    const truth = isPicked(set, query);
    if (truth !== false) for (const cidr of set.nets) (truth ? sure : open).add(cidr);
    if (truth && set.name !== '') names.push(set.name);
  }
  const matchers: EndpointMatcher[] = [];
  if (sure.size > 0) matchers.push(block(sure));
  if (names.length > 0) matchers.push({ match: 'networkSet', names: names.sort(compareText) });
  const missing = 'labels of the namespace of a NetworkSet';
  if (open.size > 0) matchers.push({ match: 'all', of: [block(open), { match: 'undecidable', missing }] });
  return matchers;
}

function block(cidrs: ReadonlySet<string>): EndpointMatcher {
  return { match: 'cidr', cidrs: [...cidrs].sort(compareText), except: [], pods: true };
}

function isPicked(set: NetworkSet, { where, selector, account }: SetQuery): boolean | undefined {
  if (account) return false;
  return every([isIn(set, where), selector === undefined ? true : picks(selector, set.labels)]);
}

/** P26, P28. */
function isIn({ namespace, labels }: NetworkSet, where: SetQuery['where']): boolean | undefined {
  if (where === undefined) return true;
  if (where === 'global') return namespace === '';
  if ('namespace' in where) return namespace === where.namespace;
  return namespace === '' ? false : picks(onNamespace(where.namespaces), labels);
}
