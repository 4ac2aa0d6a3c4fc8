import { stringify } from 'yaml';

/**
 * YAML that every reader understands alike: strings that YAML 1.1 or 1.2 would take for something else (`y`, `on`,
 * `012`, `12:30`) are quoted, lines are never folded, and equal parts are repeated, not aliased.
 */
export function yamlText(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, indentSeq: false });
}
