/** Stages that several dialects share; where they stand depends on the profile (`profiles.ts`). */
export const ADMIN_STAGE = 'admin';
export const NETWORK_POLICY_STAGE = 'networkpolicy';
export const BASELINE_STAGE = 'baseline';
