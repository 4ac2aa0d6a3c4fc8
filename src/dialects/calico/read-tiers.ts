import type { Policy, Stage } from '../../model/policy.ts';
import type { KindedDocument, ReadContext } from '../dialect.ts';
import { childField, type Field, rootField, warn, wrong } from '../document/fields.ts';
import { tier } from './schema.ts';
import { BUILT_IN_TIERS, type CalicoTier, tierStage, undefinedTier } from './tiers.ts';

export type Tiers = ReadonlyMap<string, CalicoTier>;

/** Tiers that are built in or have a Tier object. */
export function readTiers(documents: readonly KindedDocument[], context: ReadContext): Tiers {
  const tiers = new Map(BUILT_IN_TIERS.map((one) => [one.name, one]));
  for (const { document } of documents) {
    const read = readTier(rootField(document, context.findings));
    if (read !== undefined) tiers.set(read.name, read);
  }
  return tiers;
}

function readTier(field: Field): CalicoTier | undefined {
  const read = tier(field);
  if (read === undefined) return undefined;
  const { name } = read.metadata;
  const { order, defaultAction = 'Deny' } = read.spec ?? {};
  const builtIn = BUILT_IN_TIERS.find((one) => one.name === name);
  if (builtIn && (builtIn.order !== order || builtIn.defaultAction !== defaultAction)) {
    const message = `tier ${name} always has order ${builtIn.order} and defaultAction ${builtIn.defaultAction}`;
    return wrong(childField(field, 'spec'), 'built-in-tier', message, 'Correct it, or use a tier of your own.');
  }
  return { name, ...(order !== undefined && { order }), defaultAction };
}

/** Whether what no rule of this tier matches is denied (P6); warns at `field` when there is no such tier. */
export function isolates(tiers: Tiers, name: string, field: Field): boolean {
  const known = tiers.get(name);
  if (known !== undefined) return known.defaultAction === 'Deny';
  const message = `there is no Tier ${name}; until there is one, it comes after all others and denies`;
  warn(field, 'unknown-tier', message, 'Read the Tier object together with its policies.');
  return undefinedTier(name).defaultAction === 'Deny';
}

/** Stages of the tiers that the policies live in. */
export function usedStages(policies: readonly Policy[], tiers: Tiers): Stage[] {
  const names = new Set(policies.map(({ stage }) => stage));
  return [...names].map((name) => tierStage(tiers.get(name) ?? undefinedTier(name)));
}
