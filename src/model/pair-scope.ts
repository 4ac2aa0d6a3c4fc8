import type { OutsidePeer, PairSide } from './pair.ts';

type Side = Pick<PairSide, 'members' | 'outside'> & Partial<Pick<PairSide, 'selections'>>;

/** Both sides of a pair, and the namespaces that stay apart in it. */
export interface Sides<T extends Side> {
  readonly scope?: readonly string[] | undefined;
  readonly service: T;
  readonly client: T;
}

/** Whether members in two namespaces may reach each other in a pair with this scope. */
export function reaches(scope: readonly string[] | undefined, one: string, other: string): boolean {
  return one === other || scope === undefined || !(scope.includes(one) && scope.includes(other));
}

/** Those on a side whom members in a namespace may reach, or be reached by. */
export function seenFrom<T extends Side>(side: T, namespace: string, scope: readonly string[] | undefined): T {
  if (!scope?.includes(namespace)) return side;
  return only(
    side,
    (other) => reaches(scope, other, namespace),
    ({ within }) => within === undefined || within === namespace,
  );
}

/** A pair in parts without a scope: in each, every client may call every server. */
export function productsOf<T extends Side>({ scope, service, client }: Sides<T>): { service: T; client: T }[] {
  if (scope === undefined) return [{ service, client }];
  const parts = scope.map((namespace) => ({
    service: only(
      service,
      (own) => own === namespace,
      () => false,
    ),
    client: seenFrom(client, namespace, scope),
  }));
  const rest = only(
    service,
    (own) => !scope.includes(own),
    () => true,
  );
  return [...parts, { service: rest, client }].filter(
    (part) => part.service.members.length + part.service.outside.length > 0,
  );
}

type Addresses = Extract<OutsidePeer, { peer: 'addresses' }>;

function only<T extends Side>(side: T, isIn: (namespace: string) => boolean, isMeant: (peer: Addresses) => boolean): T {
  const near = ({ namespace }: { readonly namespace: string }): boolean => isIn(namespace);
  return {
    ...side,
    members: side.members.filter(near),
    ...(side.selections && { selections: side.selections.filter(near) }),
    outside: side.outside.filter((peer) => (peer.peer === 'pods' ? near(peer) : isMeant(peer))),
  };
}
