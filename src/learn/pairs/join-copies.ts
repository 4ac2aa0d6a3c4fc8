import { appendTo } from '../../util/append-to.ts';
import { type Copies, strangersOf } from '../functions/fold-copies.ts';
import { roleOf } from '../parties/families.ts';
import { type Draft, namespacesOf } from './drafts.ts';

/** What one copy of an application has of a function. */
interface Part {
  readonly draft: Draft;
  readonly namespace: string;
  /** The servers, by what corresponds in other copies. */
  readonly roles: ReadonlySet<string>;
  /** The earlier pair that granted it; empty: none did. */
  readonly owner: string;
}

/** Servers of two copies are the same function from this share of common roles on. */
const SAME = 0.5;

/**
 * Drafts of copies of an application that say the same as one each: a function has one name and one version however often
 * the application is deployed. Nothing is granted from one copy to another, and each copy keeps its own callers; callers
 * from elsewhere, and ports, have to be the same in all. What earlier pairs kept apart stays apart.
 */
export function joinCopies(drafts: readonly Draft[], copies: Copies): readonly Draft[] {
  if (copies.families.size === 0) return drafts;
  const groups = new Map<string, Part[]>();
  for (const draft of drafts) {
    const found = partOf(draft, copies);
    if (found) appendTo(groups, found.key, found.part);
  }
  const joined = new Map<Draft, Draft | undefined>();
  for (const group of groups.values())
    for (const joint of correspond(group)) {
      const [first, ...others] = joint.parts;
      if (!first || others.length === 0) continue;
      for (const { draft } of others) joined.set(draft, undefined);
      joined.set(first.draft, asOne(joint, copies));
    }
  return drafts.flatMap((draft) => (joined.has(draft) ? (joined.get(draft) ?? []) : [draft]));
}

/** A draft of one copy alone, with all that has to be equal in others. */
function partOf(draft: Draft, copies: Copies): { readonly key: string; readonly part: Part } | undefined {
  const { items, servers, mesh } = draft;
  const { all } = copies.parties;
  const namespace = all[servers[0] ?? -1]?.namespace ?? '';
  const family = items[0]?.serverMember ? copies.families.get(namespace) : undefined;
  if (family === undefined) return undefined;
  const strangers = strangersOf(draft, namespace, copies);
  if (strangers === undefined) return undefined;
  const roles = servers.map((server) => (all[server]?.namespace === namespace ? roleOf(all[server]) : undefined));
  if (roles.includes(undefined)) return undefined;
  const ports = new Set(items.map(({ protocol, port, implied }) => `${protocol}/${port}${implied ? ' implied' : ''}`));
  const owner = items.find((item) => item.owner)?.owner ?? '';
  return {
    key: [family, mesh, ...ports, strangers.join()].join('\n'),
    part: { draft, namespace, roles: new Set(roles as string[]), owner },
  };
}

/** The parts of one function, at most one of each copy. */
interface Joint {
  readonly owner: string;
  readonly parts: Part[];
  readonly namespaces: Set<string>;
  readonly roles: Set<string>;
}

/** Parts that are one function: what an earlier pair says is one, then what has mostly the same servers. */
function correspond(group: readonly Part[]): Joint[] {
  const found: Joint[] = [];
  const byRole = new Map<string, Joint[]>();
  const byOwner = new Map<string, Joint>();
  const isOpen = ({ namespaces }: Joint, part: Part): boolean => !namespaces.has(part.namespace);
  const enter = (part: Part, into: Joint | undefined): void => {
    const joint = into ?? { owner: part.owner, parts: [], namespaces: new Set(), roles: new Set() };
    if (!into) found.push(joint);
    if (!into && part.owner !== '') byOwner.set(part.owner, joint);
    for (const role of part.roles) if (!joint.roles.has(role)) appendTo(byRole, role, joint);
    for (const role of part.roles) joint.roles.add(role);
    joint.namespaces.add(part.namespace);
    joint.parts.push(part);
  };
  for (const part of group.filter(({ owner }) => owner !== '')) {
    const own = byOwner.get(part.owner);
    enter(part, own && isOpen(own, part) ? own : undefined);
  }
  for (const part of group.filter(({ owner }) => owner === '')) {
    const met = new Set([...part.roles].flatMap((role) => byRole.get(role) ?? []));
    const alike = [...met].filter((joint) => isOpen(joint, part) && areAlike(joint.roles, part.roles));
    const [only, another] = alike.filter(({ owner }) => owner !== '');
    // Where people have several functions already, nobody knows which of them a newcomer belongs to.
    enter(part, only && !another ? only : alike.find(({ owner }) => owner === ''));
  }
  return found;
}

function areAlike(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  let shared = 0;
  for (const role of b) if (a.has(role)) shared += 1;
  return shared >= SAME * (a.size + b.size - shared);
}

function asOne({ owner, parts }: Joint, { parties }: Copies): Draft {
  const drafts = parts.map(({ draft }) => draft);
  const [largest] = [...drafts].sort((a, b) => b.servers.length - a.servers.length) as [Draft];
  const union = (lists: readonly (readonly number[])[]): number[] => [...new Set(lists.flat())].sort((a, b) => a - b);
  const servers = union(drafts.map((draft) => draft.servers));
  const clients = union(drafts.map((draft) => draft.clients));
  const outside = union(drafts.map((draft) => draft.outside));
  const isSame = (draft: Draft): boolean =>
    draft.clients.length === clients.length && draft.outside.length === outside.length;
  const isCommon = drafts.every(isSame) && !outside.some((client) => parties.all[client]?.outside);
  const beyond = union(drafts.map((draft) => draft.beyond ?? []));
  return {
    key: drafts.map(({ key }) => key).join('\n'),
    items: drafts.flatMap(({ items }) => items.map((item) => (item.owner ? item : { ...item, owner }))),
    leading: largest.leading,
    servers,
    clients,
    outside,
    mesh: largest.mesh,
    ...(!isCommon && { scope: namespacesOf(servers, parties) }),
    ...(beyond.length > 0 && { beyond }),
  };
}
