import type { EndpointMatcher } from '../../model/policy.ts';

/** What one source, operation or condition asks (I4, I5). All of it must hold. */
export interface Criteria {
  /** Of the far end, the client. */
  readonly peer: readonly EndpointMatcher[];
  /** Of the workload itself. */
  readonly self: readonly EndpointMatcher[];
  /** Lists of ports; the port must be in each of them. */
  readonly ports: readonly (readonly number[])[];
  readonly notPorts: readonly number[];
  /** What only HTTP tells, in words. */
  readonly http: readonly string[];
}

export const NO_CRITERIA: Criteria = { peer: [], self: [], ports: [], notPorts: [], http: [] };

/** Asks nothing that a connection alone tells. */
export function isEmpty({ peer, self, ports, notPorts }: Criteria): boolean {
  return peer.length === 0 && self.length === 0 && ports.length === 0 && notPorts.length === 0;
}

export function both(...parts: readonly Criteria[]): Criteria {
  return {
    peer: parts.flatMap(({ peer }) => peer),
    self: parts.flatMap(({ self }) => self),
    ports: parts.flatMap(({ ports }) => ports),
    notPorts: parts.flatMap(({ notPorts }) => notPorts),
    http: parts.flatMap(({ http }) => http),
  };
}

/** Values and excluded values of one field as matchers; an empty list asks nothing. */
export function matchers<T>(
  values: readonly T[] | undefined,
  not: readonly T[] | undefined,
  matcher: (values: readonly T[]) => EndpointMatcher,
): EndpointMatcher[] {
  return [
    ...(values?.length ? [matcher(values)] : []),
    ...(not?.length ? [{ match: 'not', of: matcher(not) } as const] : []),
  ];
}

export const principals = (patterns: readonly string[]): EndpointMatcher => ({ match: 'principal', patterns });
export const namespaces = (patterns: readonly string[]): EndpointMatcher => ({ match: 'principalNamespace', patterns });
export const addresses = (cidrs: readonly string[]): EndpointMatcher => ({
  match: 'cidr',
  cidrs,
  except: [],
  pods: true,
});

/** Fields of HTTP in words: `method GET or POST`. */
export function httpWords(fields: Readonly<Record<string, readonly string[] | undefined>>): string[] {
  return Object.entries(fields).flatMap(([name, values]) =>
    values?.length ? [`${name} ${values.slice(0, 5).join(' or ')}${values.length > 5 ? ' …' : ''}`] : [],
  );
}
