import type { Finding } from '../../model/finding.ts';
import { compareText } from '../../util/compare.ts';

/** A rule as the tools that show SARIF list it. */
export interface SarifRule {
  readonly id: string;
  /** One sentence: what it finds and why that matters. */
  readonly intent: string;
}

/**
 * Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines they are about. Results with the same text at
 * the same place keep their fingerprint when lines move.
 */
export function sarif(findings: readonly Finding[], rules: readonly SarifRule[]): string {
  const known = new Set(rules.map(({ id }) => id));
  const others = [...new Set(findings.map(({ rule }) => rule).filter((id) => !known.has(id)))].sort(compareText);
  const all = [...rules, ...others.map((id) => ({ id, intent: 'Something in a file that was read is wrong.' }))];
  const index = new Map(all.map(({ id }, at) => [id, at]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'microwall', rules: all.map(ruleJson) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultJson(finding, index.get(finding.rule) ?? 0)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleJson({ id, intent }: SarifRule) {
  return { id, shortDescription: { text: intent }, fullDescription: { text: intent } };
}

function resultJson({ severity, rule, message, remedy, location }: Finding, ruleIndex: number) {
  const { file, line } = location;
  const region = line > 0 ? { region: { startLine: line } } : {};
  return {
    ruleId: rule,
    ruleIndex,
    level: severity,
    message: { text: `${message}. ${remedy}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } }],
    partialFingerprints: { 'microwall/v1': `${rule}:${file}:${message}` },
  };
}

/** A relative reference with `/` between its parts, as the standard wants it. */
function uriOf(file: string): string {
  if (file === '<stdin>') return 'stdin';
  return file
    .replace(/^(\.\/)+/, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
