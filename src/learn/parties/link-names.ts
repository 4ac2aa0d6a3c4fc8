import { workloadId } from '../../model/inventory.ts';
import type { Party } from './parties.ts';

/** What the ends of links are called where people decide on them. */
export interface LinkNames {
  /** By party: no two have the same. */
  readonly unique: readonly string[];
  /** Names that several parties would have. */
  readonly shared: ReadonlySet<string>;
}

/** From short to long; the last tells all parties apart. */
const SPELLINGS: readonly ((party: Party) => string)[] = [
  ({ name }) => name,
  (party) => (party.outside ? `${party.name} (${party.kind})` : ownerOf(party)),
  (party) => `${ownerOf(party)} {${labelsOf(party)}}`,
];

/** The name that people read; where several parties have it, with the kind, and where that is not enough, with labels. */
export function linkNames(parties: readonly Party[]): LinkNames {
  const unique: string[] = [];
  const shared = new Set<string>();
  let left = parties;
  for (const spell of SPELLINGS) {
    const counts = new Map<string, number>();
    for (const party of left) counts.set(spell(party), (counts.get(spell(party)) ?? 0) + 1);
    for (const [name, count] of counts) if (count > 1) shared.add(name);
    for (const party of left) unique[party.index] = spell(party);
    left = left.filter((party) => shared.has(spell(party)));
  }
  return { unique, shared };
}

/** Everything that a party may be called, also when nobody shares its name. */
export function namesOf(party: Party): readonly string[] {
  return [...new Set(SPELLINGS.map((spell) => spell(party)))];
}

function ownerOf({ workloads, name }: Party): string {
  const [first] = workloads;
  return first ? workloadId({ ...first, kind: first.kind || '?', name: first.name || '?' }) : name;
}

function labelsOf({ labels }: Party): string {
  return [...(labels[0] ?? [])].map(([key, value]) => `${key}=${value}`).join(',');
}
