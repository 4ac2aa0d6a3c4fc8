import type { Connectivity, ConnectivityEnd } from '../../evaluate/connectivity/connectivity.ts';
import type { PortSpace } from '../../evaluate/connectivity/ports.ts';
import { NOTHING, type ServiceSets } from '../../evaluate/connectivity/service-sets.ts';

/** What a policy set allows, ready to be written in any form. */
export interface ConnectivityResult {
  readonly ends: readonly ConnectivityEnd[];
  readonly found: Connectivity;
  readonly space: PortSpace;
  readonly sets: ServiceSets;
}

/** `shop/cart[Deployment]`, or the range. */
export function endText({ shown }: Pick<ConnectivityEnd, 'shown'>): string {
  return 'cidr' in shown ? shown.cidr : `${shown.namespace}/${shown.name}[${shown.kind}]`;
}

/** `TCP 1-79,81-65535; UDP 53`, `all`. */
export function servicesText(services: ReturnType<PortSpace['toJson']>): string {
  if (services === 'all') return 'all';
  return Object.entries(services)
    .map(([protocol, ports]) => (ports === 'all' ? protocol : `${protocol} ${ports}`))
    .join('; ');
}

/** Pairs with something allowed, surely or perhaps, by source and destination in the order of the ends. */
export function* pairsOf({ ends, found }: ConnectivityResult) {
  for (const from of ends.keys()) {
    for (const [to, outcome] of found.outcomesFrom(from).entries())
      if (outcome !== NOTHING) yield { from, to, outcome };
  }
}
