import { type Finding, formatLocation } from '../../model/finding.ts';
import { visible } from '../../util/table.ts';
import { type SarifRule, sarif } from './sarif.ts';

export type LintFormat = 'table' | 'json' | 'sarif';

export interface LintReport {
  readonly findings: readonly Finding[];
  readonly rules: readonly SarifRule[];
  readonly policies: number;
}

export const LINT_FORMATS: Readonly<Record<LintFormat, (report: LintReport) => string>> = {
  table: lintTable,
  json: ({ findings }) => `${JSON.stringify(findings, undefined, 2)}\n`,
  sarif: ({ findings, rules }) => sarif(findings, rules),
};

/** One finding after the other with place and remedy, then how many. */
function lintTable({ findings, policies }: LintReport): string {
  const lines = findings.flatMap(({ severity, rule, message, remedy, location }) => [
    `${severity.padEnd(8)}${formatLocation(location)}: ${visible(message)} [${rule}]`,
    `          → ${visible(remedy)}`,
  ]);
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length;
  const sum = `${policies} policies: ${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes`;
  return `${[...lines, ...(lines.length > 0 ? [''] : []), sum].join('\n')}\n`;
}
