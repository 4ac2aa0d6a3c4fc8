import { type AddressRange, contains, parseAddress, parseAddressRange } from '../util/ip.ts';
import type { EdgeEndpoint } from './edge.ts';
import { ENDPOINT_KINDS, type EndpointKind } from './enums.ts';

/** An endpoint as people type it at a terminal. */
export type EndpointQuery =
  /** `shop/cart`; `shop/` and `shop/*` are any workload of the namespace. */
  | { readonly by: 'name'; readonly namespace: string; readonly workload?: string }
  /** `app=web,tier!=db`: every term holds. A missing label differs from every value. */
  | { readonly by: 'labels'; readonly terms: readonly LabelTerm[] }
  /** `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`. */
  | { readonly by: 'address'; readonly range: AddressRange }
  /** `world`, `host`, `kube-apiserver` … */
  | { readonly by: 'kind'; readonly kinds: readonly EndpointKind[] };

export interface LabelTerm {
  readonly key: string;
  readonly value: string;
  readonly equal: boolean;
}

const KIND_WORDS: ReadonlyMap<string, readonly EndpointKind[]> = new Map<string, readonly EndpointKind[]>([
  ...(Object.keys(ENDPOINT_KINDS) as EndpointKind[]).map((kind): [string, EndpointKind[]] => [kind, [kind]]),
  ['world', ['external', 'netset', 'private']],
  ['kube-apiserver', ['apiserver']],
]);

/** How an endpoint can be written, for messages and help. */
export const ENDPOINT_FORMS = 'namespace/workload, namespace/, key=value[,key!=value], an address or CIDR, world, host';

/** What `text` asks for; absent when it is none of `ENDPOINT_FORMS`. */
export function parseEndpointQuery(text: string): EndpointQuery | undefined {
  const range = parseAddressRange(text);
  if (range) return { by: 'address', range };
  if (text.includes('=')) return parseLabels(text);
  const kinds = KIND_WORDS.get(text);
  if (kinds) return { by: 'kind', kinds };
  const [namespace = '', workload = '', ...rest] = text.split('/');
  // Names of namespaces have neither dots nor colons; a mistyped range must not pass for one.
  if (!text.includes('/') || !/^[^.:]+$/.test(namespace) || rest.length > 0) return undefined;
  return { by: 'name', namespace, ...(workload === '' || workload === '*' ? {} : { workload }) };
}

function parseLabels(text: string): EndpointQuery | undefined {
  const terms = text.split(',').map((term) => /^([^=!\s]+)(!=|==|=)([^=!\s]*)$/.exec(term.trim()));
  if (terms.includes(null)) return undefined;
  return {
    by: 'labels',
    terms: terms.map((term) => ({ key: term?.[1] ?? '', value: term?.[3] ?? '', equal: term?.[2] !== '!=' })),
  };
}

/** Whether `end` is meant, as far as the end itself tells: pods of an edge do not carry addresses. */
export function matchesEndpoint(query: EndpointQuery, end: EdgeEndpoint): boolean {
  switch (query.by) {
    case 'name':
      return end.namespace === query.namespace && (query.workload === undefined || end.workload === query.workload);
    case 'labels':
      return (
        end.kind === 'pod' &&
        query.terms.every(({ key, value, equal }) => (end.labels.labels.get(key) === value) === equal)
      );
    case 'kind':
      return query.kinds.includes(end.kind);
    case 'address':
      return inRange(query.range, end.address);
  }
}

/** Whether an address as text lies in `range`. */
export function inRange(range: AddressRange, address: string): boolean {
  const value = parseAddress(address);
  return value !== undefined && contains(range, { from: value, to: value });
}
