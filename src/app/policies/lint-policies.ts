import { compile, prepare } from '../../evaluate/compile/compile.ts';
import { LINT_RULES, lintPolicies as lint } from '../../evaluate/lint/lint.ts';
import { workloadEndpoint } from '../../evaluate/match/facts.ts';
import type { Finding } from '../../model/finding.ts';
import { LINT_FORMATS, type LintFormat } from '../../report/lint/formats.ts';
import { type EstateSource, loadEstate } from './load-estate.ts';

export interface LintRequest {
  readonly estate: EstateSource;
  readonly format: LintFormat;
}

export interface LintOutcome {
  /** What could not be read; in SARIF and JSON it is part of the text, too. */
  readonly unread: readonly Finding[];
  readonly notes: readonly string[];
  readonly text: string;
  /** A policy could not be read exactly, so the rules did not look at anything. */
  readonly broken: boolean;
  /** There are errors or warnings. */
  readonly found: boolean;
}

/** Looks for what is suspicious in policies, with the workloads they select if there are any. */
export async function lintPolicies({ estate: source, format }: LintRequest): Promise<LintOutcome> {
  // 1. Policies and workloads. What the readers warn of is a finding like others.
  const estate = await loadEstate(source);
  const { policySet: set, inventory } = estate;
  const reading = estate.findings.filter(({ severity }) => severity !== 'note');
  const policies = new Set(set.policies.map(({ ref }) => ref)).size;
  if (estate.broken) {
    const text = LINT_FORMATS[format]({ findings: reading, rules: LINT_RULES, policies });
    return { unread: estate.findings, notes: [], text: format === 'table' ? '' : text, broken: true, found: true };
  }

  // 2. Every rule that can look.
  const compiled = compile(set, inventory);
  const ends = inventory.workloads.map(workloadEndpoint);
  prepare(compiled, ends);
  const { findings, skipped } = lint({ set, inventory, compiled, ends });
  const all = [...reading, ...findings];

  // 3. The form asked for.
  const text = LINT_FORMATS[format]({ findings: all, rules: LINT_RULES, policies });
  const blind =
    skipped.length === 0 ? [] : [`without workloads (--inventory) these rules cannot look: ${skipped.join(', ')}`];
  const notes = [...estate.stagedNotes, ...blind];
  const found = all.some(({ severity }) => severity !== 'note');
  return {
    unread: [],
    notes: [...(estate.from === 'store' ? ['workloads are those that the store has seen'] : []), ...notes],
    text,
    broken: false,
    found,
  };
}
