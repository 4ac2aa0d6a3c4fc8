/** The elements of lists of integers below `size`, each once. Equal lists mostly are one object, hence looked at once. */
export function unionOf(lists: Iterable<readonly number[]>, size: number): Set<number> {
  const isIn = new Uint8Array(size);
  for (const list of new Set(lists)) for (const element of list) isIn[element] = 1;
  const found = new Set<number>();
  for (let element = 0; element < size; element += 1) if (isIn[element] === 1) found.add(element);
  return found;
}
