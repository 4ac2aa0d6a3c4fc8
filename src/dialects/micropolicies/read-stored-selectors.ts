import type { PodSelection } from '../../model/pair.ts';
import type { Selector } from '../../model/selector.ts';
import { compareText } from '../../util/compare.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The selectors of one side of a pair as a run stores them, by namespace; what cannot be read is left out. */
export function readStoredSelectors(stored: unknown): PodSelection[] {
  if (!Array.isArray(stored)) return [];
  const byNamespace = new Map<string, Selector[]>();
  for (const { namespace, podSelector } of stored.map(fields)) {
    const selector = readPodSelector(fields(podSelector));
    if (typeof namespace !== 'string' || selector === undefined) return [];
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), selector]);
  }
  return [...byNamespace].map(([namespace, selectors]) => ({ namespace, selectors }));
}

/** Terms by key, as the learner orders them. */
function readPodSelector({ matchLabels, matchExpressions = [] }: Fields): Selector | undefined {
  const equal = Object.entries(fields(matchLabels)).map(([key, value]): [string, Selector] => [
    key,
    { kind: 'in', key, values: [String(value)] },
  ]);
  const rest = Array.isArray(matchExpressions) ? matchExpressions.map((one) => readExpression(fields(one))) : [];
  if (rest.includes(undefined)) return undefined;
  const terms = [...equal, ...(rest as [string, Selector][])].sort(([a], [b]) => compareText(a, b));
  return { kind: 'and', of: terms.map(([, term]) => term) };
}

function readExpression({ key, operator, values }: Fields): [string, Selector] | undefined {
  if (typeof key !== 'string') return undefined;
  if (operator === 'In' && Array.isArray(values)) return [key, { kind: 'in', key, values: values.map(String) }];
  if (operator === 'Exists') return [key, { kind: 'has', key }];
  if (operator === 'DoesNotExist') return [key, { kind: 'not', of: { kind: 'has', key } }];
  return undefined;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
