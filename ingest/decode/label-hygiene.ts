import { type LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { isStableLabel } from '../../src/model/stable-labels.ts';
import { object, text } from './fields.ts';
import { memo } from './memo.ts';

/** More labels than this on one workload are cut (in source order): no real pod has so many. */
export const LABEL_LIMIT = 200;

/** The interned set of the stable labels among `pairs`. */
export function internLabels(pairs: Iterable<readonly [string, string]>, interner: LabelInterner): LabelSet {
  const kept = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (kept.size >= LABEL_LIMIT) break;
    if (isStableLabel(key)) kept.set(key, value);
  }
  return interner.intern(kept);
}

/** `key=value` split at the first `=`; a label without `=` has an empty value. */
export function splitLabel(label: string): [string, string] {
  const equals = label.indexOf('=');
  return equals < 0 ? [label, ''] : [label.slice(0, equals), label.slice(equals + 1)];
}

/** Label sets by the text they were written as, for as long as the sets they refer to. It only saves time. */
const READ = new WeakMap<LabelInterner, (text: string) => LabelSet>();
/** Cannot occur inside a label. */
const SEPARATOR = '\u0000';

function setOf(joined: string, interner: LabelInterner): LabelSet {
  const known = READ.get(interner);
  if (known !== undefined) return known(joined);
  const read = memo((text) => internLabels(text.split(SEPARATOR).map(splitLabel), interner));
  READ.set(interner, read);
  return read(joined);
}

/** Labels written as an array of `key=value`. */
export function labelsOfList(value: unknown, interner: LabelInterner): LabelSet {
  if (!Array.isArray(value)) return UNKNOWN_LABELS;
  return setOf(value.map(text).join(SEPARATOR), interner);
}

/** Labels written as one text, the pairs joined by `separator`; `''` is the empty set. */
export function labelsOfText(value: string, separator: string, interner: LabelInterner): LabelSet {
  const labels = value.split(separator).map((label) => label.trim());
  return setOf(labels.join(SEPARATOR), interner);
}

/** Labels written as a JSON object. */
export function labelsOfObject(value: unknown, interner: LabelInterner): LabelSet {
  const labels = object(value);
  if (labels === undefined) return UNKNOWN_LABELS;
  return internLabels(
    Object.entries(labels).map(([key, found]): [string, string] => [key, text(found)]),
    interner,
  );
}
