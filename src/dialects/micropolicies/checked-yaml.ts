import { isCollection, isMap, isNode } from 'yaml';
import type { z } from 'zod';
import type { Finding } from '../../model/finding.ts';
import { conflictMarkers } from '../../util/conflict-markers.ts';
import { nearest } from '../../util/nearest.ts';
import { type LinedYaml, parseLined } from './yaml-comments.ts';

/** A YAML text that people write or edit. */
export interface EditedText {
  readonly text: string;
  /** As the user would type it. */
  readonly file: string;
  /** What to do about anything that is wrong with it. */
  readonly remedy: string;
}

/** A value that fits its schema. */
export interface Checked<T> {
  readonly value: T;
  readonly yaml: LinedYaml;
  /** A finding at the line of the value at `path`. */
  readonly report: (message: string, path: readonly PropertyKey[]) => Finding;
}

/** At most this many problems are spelled out. */
const MOST_FINDINGS = 20;

/**
 * Reads a YAML text by its schema; everything that does not fit is a finding with its line. `fields` are what a
 * misspelled field may have been meant as.
 */
export function readChecked<Schema extends z.ZodType>(
  { text, file, remedy }: EditedText,
  schema: Schema,
  fields: readonly string[],
): Checked<z.output<Schema>> | { readonly findings: readonly Finding[] } {
  const report = (message: string, line: number): Finding => ({
    ...{ severity: 'error', rule: 'not-as-expected', message, remedy },
    location: { file, document: 1, line },
  });
  const conflicts = conflictMarkers(text).map((line) => report('a merge was not finished here', line));
  if (conflicts.length > 0) return { findings: conflicts.slice(0, MOST_FINDINGS) };
  const yaml = parseLined(text);
  const syntax = yaml.document.errors.map(({ code, message, pos }) => {
    const told =
      code === 'MULTIPLE_DOCS' ? 'a second document begins here' : message.replace(/ at line \d+[\s\S]*$/, '');
    return report(told, yaml.lines.linePos(pos[0]).line);
  });
  if (syntax.length > 0) return { findings: syntax.slice(0, MOST_FINDINGS) };
  const parsed = schema.safeParse(yaml.document.toJS());
  const at = (message: string, path: readonly PropertyKey[]): Finding => report(message, lineOf(yaml, path));
  if (parsed.success) return { value: parsed.data, yaml, report: at };
  const findings = parsed.error.issues.flatMap((issue) =>
    issueTexts(issue, fields).map(({ message, path }) => at(message, path)),
  );
  return { findings: findings.slice(0, MOST_FINDINGS) };
}

/** `pairs[0].ports[1].port: must be a port number`; one sentence for each field that does not exist. */
function issueTexts(
  issue: z.core.$ZodIssue,
  fields: readonly string[],
): { readonly message: string; readonly path: readonly PropertyKey[] }[] {
  const { path } = issue;
  const where = pathText(path);
  if (issue.code !== 'unrecognized_keys')
    return [{ message: where === '' ? 'the file holds no mapping' : `${where}: ${issue.message}`, path }];
  return issue.keys.map((key) => {
    const similar = nearest(key, fields);
    const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
    return { message: `${where || 'the file'} has no field ${key}${hint}`, path: [...path, key] };
  });
}

function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.join('').replace(/^\./, '');
}

/** The line of the value at `path`, or of the nearest parent that exists. */
function lineOf({ document, lines }: LinedYaml, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (!isCollection(node)) break;
    const pair = isMap(node) ? node.items.find(({ key }) => String(key) === String(step)) : undefined;
    const next = pair ? pair.key : node.items[Number(step)];
    if (!isNode(next) || !next.range) break;
    offset = next.range[0];
    node = pair ? pair.value : next;
  }
  return lines.linePos(offset).line;
}
