import type { EdgeEndpoint } from '../../model/edge.ts';
import { type EndpointQuery, inRange } from '../../model/endpoint-query.ts';
import { UNKNOWN_LABELS } from '../../model/labels.ts';
import { Failure } from '../../util/failure.ts';
import { nearest } from '../../util/nearest.ts';
import { ANY_ADDRESS, type EndOptions, rangeEndpoint, workloadMembers } from './estate-ends.ts';
import type { Estate, EstateWorkload } from './load-estate.ts';

/** An end that was asked for: the forms in which one owner occurs, or something outside. */
export interface ResolvedEnd {
  readonly text: string;
  readonly members: readonly EdgeEndpoint[];
}

/** The end that `query` means; a `Failure` when it means none or several. */
export function resolveEnd(query: EndpointQuery, text: string, { estate, options }: Place): ResolvedEnd {
  if (query.by === 'address') return resolveAddress(text, query, { estate, options });
  if (query.by === 'kind') {
    const kind = query.kinds[0] ?? 'external';
    const nobody = { cluster: '', namespace: '', workload: '', workloadKind: '', labels: UNKNOWN_LABELS };
    const anywhere = kind === 'external' ? { peer: text, address: ANY_ADDRESS } : { peer: '', address: '' };
    return { text, members: [{ ...nobody, kind, ...anywhere }] };
  }
  const found = estate.inventory.workloads.filter((one) => matches(query, one));
  return oneOwner(found, text, { estate, options });
}

interface Place {
  readonly estate: Estate;
  readonly options: EndOptions;
}

function matches(query: Exclude<EndpointQuery, { by: 'address' | 'kind' }>, one: EstateWorkload): boolean {
  if (query.by === 'name') {
    return one.namespace === query.namespace && (query.workload === undefined || one.name === query.workload);
  }
  return query.terms.every(({ key, value, equal }) => (one.labels.labels.get(key) === value) === equal);
}

/** The address of a pod means the pod. */
function resolveAddress(text: string, { range }: Extract<EndpointQuery, { by: 'address' }>, place: Place): ResolvedEnd {
  const found = place.estate.inventory.workloads.filter(({ addresses = [] }) =>
    addresses.some((one) => inRange(range, one)),
  );
  if (found.length === 0 || text.includes('/')) return { text, members: [rangeEndpoint(text)] };
  const { members } = oneOwner(found, text, place);
  return { text, members: members.filter(({ address }) => address === '' || inRange(range, address)) };
}

function oneOwner(found: readonly EstateWorkload[], text: string, { estate, options }: Place): ResolvedEnd {
  const owners = [...new Set(found.map(ownerText))];
  const [owner] = owners;
  if (owner === undefined) throw noSuchEnd(text, estate);
  if (owners.length > 1) {
    const list = `${owners.slice(0, 5).join(', ')}${owners.length > 5 ? ' …' : ''}`;
    throw new Failure('input', `${text} means ${owners.length} workloads: ${list}`, 'Name one as namespace/name.');
  }
  return { text: owner, members: found.flatMap((one) => workloadMembers(one, options)) };
}

/** `shop/cart`. */
function ownerText({ namespace, name }: EstateWorkload): string {
  return `${namespace}/${name}`;
}

function noSuchEnd(text: string, { inventory, from }: Estate): Failure {
  if (from === 'none') {
    const remedy = 'Name workload manifests with --inventory, or a store with --data.';
    return new Failure('input', `no workload is known, so ${text} cannot be found`, remedy);
  }
  const like = nearest(text, [...new Set(inventory.workloads.map(ownerText))]);
  const remedy = like === undefined ? 'Write namespace/name as in the manifests.' : `Write ${like}, perhaps.`;
  return new Failure('input', `no workload is ${text}`, remedy);
}
