/** Numbers in [0, 1). */
export type Next = () => number;

/** One of `items`, which must not be empty. */
export function pick<T>(items: readonly T[], next: Next): T {
  return items[Math.floor(next() * items.length)] as T;
}

/** Mostly once, because what is badly broken is refused before it gets far. */
export function howOften(next: Next): number {
  return next() < 0.7 ? 1 : 2 + Math.floor(next() * 3);
}
