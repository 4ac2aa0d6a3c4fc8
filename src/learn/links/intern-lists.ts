/** Gives equal lists of small integers one identity, so that they compare by reference and memoise cheaply. */
export class ListInterner {
  readonly #byHash = new Map<number, (readonly number[])[]>();

  intern(list: readonly number[]): readonly number[] {
    const hash = hashList(list);
    const known = this.#byHash.get(hash);
    if (!known) {
      this.#byHash.set(hash, [list]);
      return list;
    }
    const same = known.find((other) => areEqual(other, list));
    if (same) return same;
    known.push(list);
    return list;
  }
}

/** FNV-1a over whole integers. */
function hashList(list: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < list.length; i += 1) hash = Math.imul(hash ^ (list[i] as number), 0x01000193);
  return hash >>> 0;
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
