import type { Selector } from '../../model/selector.ts';
import { converted, list, mapping, object, oneOf, type Read, required, text, wrong } from '../document/fields.ts';
import { isLabelKey, labelValue } from '../document/syntax.ts';

/** A condition on one label: `term` speaks of `key` without the source it comes from. */
export interface LabelTerm {
  /** `k8s`, `reserved`, … ; `any` when none is given (X16). */
  readonly source: string;
  readonly key: string;
  readonly term: Selector;
  /** Holds for endpoints without the label. */
  readonly negative: boolean;
}

/** All terms of an endpoint selector; they must all hold, and none selects everything. */
export type LabelTerms = readonly LabelTerm[];

const SOURCE = /^[a-z0-9.-]+$/;

/** X16: `source:key`, or the key alone. */
const sourcedKey: Read<Pick<LabelTerm, 'source' | 'key'>> = converted(text, (written, field) => {
  const colon = written.indexOf(':');
  const source = colon < 0 ? 'any' : written.slice(0, colon);
  const key = written.slice(colon + 1);
  if (SOURCE.test(source) && isLabelKey(key)) return { source, key };
  const remedy = 'Write a label key, with a source such as "k8s:" before it if need be.';
  return wrong(field, 'bad-label', `"${written.slice(0, 80)}" is no label key`, remedy);
});

const expression: Read<LabelTerm> = converted(
  object({
    key: required(sourcedKey),
    operator: required(oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')),
    values: list(labelValue),
  }),
  ({ key: { source, key }, operator, values = [] }, field) => {
    const takesValues = operator === 'In' || operator === 'NotIn';
    if (takesValues !== values.length > 0) {
      const message = takesValues ? `operator ${operator} needs values` : `operator ${operator} takes no values`;
      return wrong(field, 'bad-selector', message, takesValues ? 'Add values.' : 'Remove values.');
    }
    const positive: Selector = takesValues ? { kind: 'in', key, values } : { kind: 'has', key };
    const negative = operator === 'NotIn' || operator === 'DoesNotExist';
    return { source, key, term: negative ? { kind: 'not', of: positive } : positive, negative };
  },
);

/** `matchLabels` and `matchExpressions` whose keys may name the source of a label. */
export const labelTerms: Read<LabelTerms> = converted(
  object({ matchLabels: mapping(labelValue), matchExpressions: list(expression) }),
  ({ matchLabels = new Map<string, string>(), matchExpressions = [] }, field) => {
    const keys = [...matchLabels.keys()].map((written) =>
      sourcedKey({ ...field, value: written, path: [...field.path, 'matchLabels', written] }),
    );
    if (keys.includes(undefined)) return undefined;
    const equalities = [...matchLabels.values()].map((value, index): LabelTerm => {
      const { source, key } = keys[index] as Pick<LabelTerm, 'source' | 'key'>;
      return { source, key, term: { kind: 'in', key, values: [value] }, negative: false };
    });
    return [...equalities, ...matchExpressions];
  },
);
