import type { PreviousPair } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';
import type { Party } from './parties.ts';

/** Two namespaces hold the same application when they share so many … */
const SHARED = 2;
/** … and this share of what both hold. */
const SHARED_SHARE = 0.5;
/** So many families are compared for the sake of one workload: some names are everywhere. */
const MOST_COMPARED = 16;

/** Whether two namespaces hold mostly the same, by what tells their workloads. */
export function holdTheSame(a: ReadonlySet<string> = new Set(), b: ReadonlySet<string> = new Set()): boolean {
  let shared = 0;
  for (const key of a) if (b.has(key)) shared += 1;
  return shared >= SHARED && shared >= SHARED_SHARE * (a.size + b.size - shared);
}

/** A family by namespace; namespaces that are nobody's copies are missing. */
export type Families = ReadonlyMap<string, number>;

interface Family {
  /** What the largest of its namespaces holds. */
  readonly roles: ReadonlySet<string>;
  readonly namespaces: string[];
}

/**
 * Finds namespaces into which the same application was copied, once for each environment or tenant: most of their
 * workloads correspond by name. Namespaces that an earlier pair took for copies of each other stay that.
 */
export function findFamilies(parties: readonly Party[], previous: readonly PreviousPair[]): Families {
  const families: Family[] = [];
  const holders = new Map<string, Family[]>();
  const own = new Map<string, Family>();
  for (const [namespace, roles] of rolesByNamespace(parties)) {
    const tried = new Set([...roles].flatMap((role) => holders.get(role) ?? []));
    let family = [...tried].find((one) => holdTheSame(one.roles, roles));
    if (family === undefined) {
      family = { roles, namespaces: [] };
      families.push(family);
      for (const role of roles) enter(holders, role, family);
    }
    family.namespaces.push(namespace);
    own.set(namespace, family);
  }
  return numbered([...families.map(({ namespaces }) => namespaces), ...previous.map(({ scope }) => scope ?? [])]);
}

function enter(holders: Map<string, Family[]>, role: string, family: Family): void {
  const known = holders.get(role);
  if (known === undefined) holders.set(role, [family]);
  else if (known.length < MOST_COMPARED) known.push(family);
}

/** Namespaces with several workloads, the largest first: whatever is like it joins it. */
function rolesByNamespace(parties: readonly Party[]): [string, ReadonlySet<string>][] {
  const found = new Map<string, Set<string>>();
  for (const party of parties) {
    const role = roleOf(party);
    if (role === undefined) continue;
    const roles = found.get(party.namespace);
    if (roles) roles.add(role);
    else found.set(party.namespace, new Set([role]));
  }
  return [...found]
    .filter(([, roles]) => roles.size >= SHARED)
    .sort(([a, m], [b, n]) => n.size - m.size || compareText(a, b));
}

/** Groups that share a namespace are one; groups of one are none. */
function numbered(groups: readonly (readonly string[])[]): Families {
  const numbers = new Map<string, number>();
  groups.forEach((group, number) => {
    if (group.length < 2) return;
    const met = new Set(group.flatMap((namespace) => numbers.get(namespace) ?? []));
    for (const [namespace, old] of numbers) if (met.has(old)) numbers.set(namespace, number);
    for (const namespace of group) numbers.set(namespace, number);
  });
  return numbers;
}

/** Workloads whose names last no longer than they do correspond to nobody. */
const NAMELESS = new Set(['', 'Pod', 'Job']);

/**
 * What corresponds in copies of an application: the kind and name of a workload, without the name of its namespace or
 * release in front, as charts like to put it. Undefined where names say nothing.
 */
export function roleOf({ subject, namespace, workloads, labels }: Party): string | undefined {
  if (!subject || workloads.some(({ kind, name }) => name === '' || NAMELESS.has(kind))) return undefined;
  const release = labels[0]?.get('app.kubernetes.io/instance') ?? '';
  const bare = (name: string): string => {
    const prefix = [release, namespace].find((one) => one !== '' && name.startsWith(`${one}-`));
    return prefix === undefined ? name : name.slice(prefix.length + 1);
  };
  return workloads.map(({ kind, name }) => `${kind}/${bare(name)}`).join(' ');
}
