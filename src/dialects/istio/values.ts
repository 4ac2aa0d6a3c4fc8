import type { EndpointMatcher } from '../../model/policy.ts';
import { EVERYTHING, type Selector } from '../../model/selector.ts';
import { parseAddress, parseCidr } from '../../util/ip.ts';
import { converted, list, object, type Read, text, wrong } from '../document/fields.ts';
import { podsIn } from '../document/peers.ts';
import { labels } from '../document/syntax.ts';
import { ROOT_NAMESPACE } from './stage.ts';

const notEmpty: Read<string> = converted(text, (value, field) =>
  value === '' ? wrong(field, 'empty-value', 'an empty text matches nothing', 'Remove it, or write "*".') : value,
);

/** I6: exact, `prefix*`, `*suffix` or `*`. */
export const patterns = list(notEmpty);

/** Trust domains as the beginnings of identities; one that is known by its end alone has no such form. */
export const trustDomains: Read<readonly string[]> = list(
  converted(notEmpty, (value, field) => {
    if (value.endsWith('*')) return value;
    if (!value.startsWith('*')) return `${value}/*`;
    const remedy = 'Name the trust domain in full.';
    return wrong(field, 'not-supported', 'the end of a trust domain is not evaluated', remedy);
  }),
);

/** A single workload port (I8). Istio writes numbers as text. */
export const ports: Read<readonly number[]> = list(
  converted(text, (value, field) => {
    const port = Number(value);
    if (/^[1-9]\d{0,4}$/.test(value) && port <= 65_535) return port;
    return wrong(
      field,
      'bad-port',
      `"${value.slice(0, 80)}" is no port`,
      'Write one number from 1 to 65535, in quotes.',
    );
  }),
);

/** An address, or a block of them. */
export const ipBlocks: Read<readonly string[]> = list(
  converted(text, (value, field) => {
    if (parseCidr(value) !== undefined) return value;
    if (parseAddress(value) !== undefined) return `${value}/${value.includes(':') ? 128 : 32}`;
    return wrong(
      field,
      'bad-cidr',
      `"${value.slice(0, 80)}" is no address block`,
      'Write an address, or address/length.',
    );
  }),
);

/** I6: `namespace/account`, or an account of the own namespace, as the end of any identity. */
export const serviceAccounts: Read<(namespace: string) => readonly string[]> = converted(
  list(
    converted(notEmpty, (value, field) =>
      /^[^/*]+(\/[^/*]+)?$/.test(value)
        ? value
        : wrong(field, 'bad-service-account', `"${value.slice(0, 80)}" is no account`, 'Write namespace/account.'),
    ),
  ),
  (all) => (namespace) =>
    all.map((one) => {
      const [first = '', second] = one.split('/');
      return second === undefined ? `*/ns/${namespace}/sa/${first}` : `*/ns/${first}/sa/${second}`;
    }),
);

/** Equality of labels is all that Istio selects by. */
export const workloadSelector: Read<Selector> = converted(object({ matchLabels: labels }), ({ matchLabels }) => {
  const equalities = [...(matchLabels ?? [])].map(([key, value]): Selector => ({ kind: 'in', key, values: [value] }));
  const [only] = equalities;
  if (only === undefined) return EVERYTHING;
  return equalities.length === 1 ? only : { kind: 'and', of: equalities };
});

/** I1: workloads of the namespace, or of the mesh where it is the root namespace. */
export function workloads(namespace: string, selector: Selector = EVERYTHING): EndpointMatcher {
  if (namespace !== ROOT_NAMESPACE) return podsIn(namespace, selector);
  return selector === EVERYTHING ? { match: 'pod' } : { match: 'labels', selector };
}

/** Whoever has a mesh identity. */
export const IDENTIFIED: EndpointMatcher = { match: 'principal', patterns: ['*'] };
