import type { Policy, Stage } from '../../model/policy.ts';
import type { KindedDocument, ReadContext } from '../dialect.ts';
import { childField, type Field, integer, object, required, rootField, text, wrong } from '../document/fields.ts';
import { clusterMetadata, resource } from '../document/metadata.ts';
import { BUILT_IN_TIERS, FIRST_BUILT_IN_ONLY, RESERVED_NUMBERS, stageName, tierStage } from './tiers.ts';

/** Numbers of tiers by name. */
export type Tiers = ReadonlyMap<string, number>;

const tier = resource(required(object({ priority: required(integer(0, 255)), description: text })), clusterMetadata);

/** Tiers that are built in or have a Tier object. */
export function readTiers(documents: readonly KindedDocument[], context: ReadContext): Tiers {
  const tiers = new Map(BUILT_IN_TIERS);
  for (const { document } of documents) {
    const field = rootField(document, context.findings);
    const read = tier(field);
    if (read?.spec === undefined) continue;
    const { name } = read.metadata;
    const { priority } = read.spec;
    if (isPossible(name, priority, { field, tiers })) tiers.set(name, priority);
  }
  return tiers;
}

function isPossible(name: string, number: number, at: { readonly field: Field; readonly tiers: Tiers }): boolean {
  const place = childField(childField(at.field, 'spec'), 'priority');
  const fixed = BUILT_IN_TIERS.get(name);
  if (fixed === number) return true;
  if (fixed !== undefined) {
    wrong(place, 'built-in-tier', `tier ${name} always has number ${fixed}`, 'Correct it, or use another name.');
    return false;
  }
  const holder = [...at.tiers].find(([other, taken]) => taken === number && other !== name)?.[0];
  if (number < FIRST_BUILT_IN_ONLY && !RESERVED_NUMBERS.has(number) && holder === undefined) return true;
  const message = holder === undefined ? `number ${number} is reserved` : `number ${number} is that of tier ${holder}`;
  wrong(place, 'bad-tier', message, `Choose a free number below ${FIRST_BUILT_IN_ONLY}.`);
  return false;
}

const OLD_SPELLINGS = new Set(['Emergency', 'SecurityOps', 'NetworkOps', 'Platform', 'Application']);

/** The tier a policy names. Antrea admits no policy whose tier does not exist, and its place would be a guess. */
export function knownTier(name: string, tiers: Tiers, field: Field): string | undefined {
  const tierName = OLD_SPELLINGS.has(name) ? name.toLowerCase() : name;
  if (tiers.has(tierName)) return tierName;
  const message = `there is no Tier ${name}, so it is not known which policies come before this one`;
  return wrong(field, 'unknown-tier', message, 'Read the Tier object together with its policies.');
}

/** Stages of the tiers that the policies live in. */
export function usedStages(policies: readonly Policy[], tiers: Tiers): Stage[] {
  const used = new Set(policies.map(({ stage }) => stage));
  return [...tiers].filter(([name]) => used.has(stageName(name))).map(([name, number]) => tierStage(name, number));
}
