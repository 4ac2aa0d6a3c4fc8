/** More distinct texts than this, and the memory starts anew instead of growing. */
const LIMIT = 50_000;
/** Longer texts seldom repeat and would fill the memory. */
const LENGTH_LIMIT = 4096;

/** `compute` with its answers remembered. It only saves time: every answer depends on the text alone. */
export function memo<V>(compute: (text: string) => V): (text: string) => V {
  const known = new Map<string, V>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const computed = compute(text);
    if (text.length > LENGTH_LIMIT) return computed;
    if (known.size >= LIMIT) known.clear();
    known.set(text, computed);
    return computed;
  };
}
