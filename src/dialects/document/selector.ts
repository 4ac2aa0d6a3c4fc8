import { EVERYTHING, type Selector } from '../../model/selector.ts';
import type { Read } from './fields.ts';
import { converted, list, object, oneOf, required, wrong } from './fields.ts';
import { labelKey, labels, labelValue } from './syntax.ts';

const expression: Read<Selector> = converted(
  object({
    key: required(labelKey),
    operator: required(oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')),
    values: list(labelValue),
  }),
  ({ key, operator, values = [] }, field) => {
    const takesValues = operator === 'In' || operator === 'NotIn';
    if (takesValues !== values.length > 0) {
      const message = takesValues ? `operator ${operator} needs values` : `operator ${operator} takes no values`;
      return wrong(field, 'bad-selector', message, takesValues ? 'Add values.' : 'Remove values.');
    }
    const positive: Selector = takesValues ? { kind: 'in', key, values } : { kind: 'has', key };
    return operator === 'In' || operator === 'Exists' ? positive : { kind: 'not', of: positive };
  },
);

/**
 * A Kubernetes LabelSelector: everything in it must hold, and the empty one selects everything. A missing selector
 * is not the same as an empty one; what it means is for the caller to say.
 */
export const labelSelector: Read<Selector> = converted(
  object({ matchLabels: labels, matchExpressions: list(expression) }),
  ({ matchLabels, matchExpressions = [] }): Selector => {
    const equalities = [...(matchLabels ?? [])].map(([key, value]): Selector => ({ kind: 'in', key, values: [value] }));
    const parts = [...equalities, ...matchExpressions];
    const [only] = parts;
    if (only === undefined) return EVERYTHING;
    return parts.length === 1 ? only : { kind: 'and', of: parts };
  },
);
