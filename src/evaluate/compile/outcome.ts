/** Outcomes that are possible, as bits. */
export const ALLOW = 1;
export const DENY = 2;
export const BOTH = 3;
/** Not an outcome of a walk: it goes on at a later stage. */
export const PASS = 4;
