import { addTo, type Bitset, emptySet } from '../../util/bitset.ts';
import type { Party } from './parties.ts';

/** The label sets of one namespace: the universe in which a selector of that namespace has to tell pods apart. */
export interface Universe {
  /** Distinct label sets; bitsets of the universe hold positions in this list. */
  readonly labels: readonly ReadonlyMap<string, string>[];
  /** Party indexes that carry each label set. */
  readonly carriers: readonly (readonly number[])[];
  /** Positions of the label sets of each party, by its index. */
  readonly setsOf: ReadonlyMap<number, readonly number[]>;
  readonly atoms: ReadonlyMap<string, KeyAtoms>;
}

/** Label sets by value of one key, and all that carry the key. */
export interface KeyAtoms {
  readonly values: ReadonlyMap<string, Bitset>;
  readonly carrying: Bitset;
}

/** Indexes the label sets of parties, which are one object wherever they are equal (`Hygiene.clean`). */
export function indexNamespace(parties: readonly Party[]): Universe {
  const labels: ReadonlyMap<string, string>[] = [];
  const carriers: number[][] = [];
  const positions = new Map<ReadonlyMap<string, string>, number>();
  const setsOf = new Map<number, readonly number[]>();
  for (const party of parties)
    setsOf.set(
      party.index,
      party.labels.map((set) => {
        const position = positions.get(set) ?? labels.push(set) - 1;
        positions.set(set, position);
        const own = carriers[position];
        if (own) own.push(party.index);
        else carriers[position] = [party.index];
        return position;
      }),
    );
  return { labels, carriers, setsOf, atoms: indexAtoms(labels) };
}

function indexAtoms(labels: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, KeyAtoms> {
  const atoms = new Map<string, { values: Map<string, Bitset>; carrying: Bitset }>();
  labels.forEach((set, position) => {
    for (const [key, value] of set) {
      const atom = atoms.get(key) ?? { values: new Map<string, Bitset>(), carrying: emptySet(labels.length) };
      const extension = atom.values.get(value) ?? emptySet(labels.length);
      addTo(extension, position);
      addTo(atom.carrying, position);
      atom.values.set(value, extension);
      atoms.set(key, atom);
    }
  });
  return atoms;
}
