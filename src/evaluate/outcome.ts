/** Outcomes that are possible, as bits. */
export const ALLOW = 1;
export const DENY = 2;
export const BOTH = 3;
