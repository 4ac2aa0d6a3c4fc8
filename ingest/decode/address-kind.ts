import type { EndpointKind } from '../../src/model/enums.ts';
import { isPrivate } from './address.ts';

/**
 * What an address alone tells of an endpoint: a public one stands outside, a private one may be anything until the
 * inventory names it. (In clusters with public IPv6 pod addresses the inventory also overrules `external`.)
 */
export function kindOfAddress(canonical: string): EndpointKind {
  return canonical === '' || isPrivate(canonical) ? 'unknown' : 'external';
}
