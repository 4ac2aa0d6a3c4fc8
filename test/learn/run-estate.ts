import { expect } from 'vitest';
import { carryOver } from '../../src/app/learn/carry-over.ts';
import { renderFiles } from '../../src/app/learn/files.ts';
import { type SelfCheck, selfCheck } from '../../src/app/learn/self-check.ts';
import { micropoliciesDocument } from '../../src/dialects/micropolicies/micropolicies.ts';
import { readMicropolicies } from '../../src/dialects/micropolicies/read-micropolicies.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import { learn } from '../../src/learn/learn.ts';
import { DEFAULT_LEARN_OPTIONS, type LearnOptions } from '../../src/learn/options.ts';
import { toPolicies } from '../../src/learn/pairs/to-policies.ts';
import { TRUST_SENTENCES } from '../../src/learn/trust/rules.ts';
import type { Edge } from '../../src/model/edge.ts';
import type { Inventory } from '../../src/model/inventory.ts';

export interface Scene {
  readonly edges: readonly Edge[];
  readonly inventory: Inventory;
}

export const OPTIONS: LearnOptions = { ...DEFAULT_LEARN_OPTIONS, cluster: 'test' };

/** Every file that a run over a scene would write, by path; `before` is the `micropolicies.yaml` that stands there. */
export function filesOf(
  { edges, inventory }: Scene,
  options: Partial<LearnOptions> = {},
  before = '',
): Map<string, string> {
  const run = before === '' ? undefined : readMicropolicies(before);
  expect(run?.findings ?? []).toEqual([]);
  const found = learn(edges, inventory, { ...OPTIONS, ...options }, run?.pairs, run);
  const learned = carryOver(found.learned, run);
  const document = micropoliciesDocument(learned, { cluster: 'test', from: 0, to: 0 }, TRUST_SENTENCES);
  return new Map(renderFiles(learned, { document, comments: run?.comments ?? [] }).files);
}

/** The replay of what was learned over what it was learned from. */
export function checkEstate(scene: Scene, options: Partial<LearnOptions> = {}): SelfCheck {
  const { learned, trustedEdges } = learn(scene.edges, scene.inventory, { ...OPTIONS, ...options });
  return selfCheck(
    arrange(
      'kubernetes',
      toPolicies(learned).map(({ policy }) => policy),
      [],
    ),
    {
      edges: trustedEdges,
      inventory: scene.inventory,
      assignments: learned.assignments,
    },
  );
}
