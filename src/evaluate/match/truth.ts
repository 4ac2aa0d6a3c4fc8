/** Kleene's three truth values as numbers, so that AND is the minimum and OR the maximum. */
export type Truth = 0 | 1 | 2;

export const NO = 0;
/** It depends on something that is not known. */
export const MAYBE = 1;
export const YES = 2;

export function both(a: Truth, b: Truth): Truth {
  return a < b ? a : b;
}

export function either(a: Truth, b: Truth): Truth {
  return a > b ? a : b;
}

export function negated(a: Truth): Truth {
  return (2 - a) as Truth;
}

export function truthOf(condition: boolean): Truth {
  return condition ? YES : NO;
}
