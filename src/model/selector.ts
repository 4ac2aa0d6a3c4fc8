/**
 * A boolean expression over the labels of one thing. It is total: every selector is true or false for every label map.
 * A missing key makes `in`, `contains`, `startsWith`, `endsWith` and `has` false, hence their negation true, which is
 * what Kubernetes (NotIn) and Calico (`!=`, `not in`) agree on.
 */
export type Selector =
  | { readonly kind: 'and'; readonly of: readonly Selector[] }
  | { readonly kind: 'or'; readonly of: readonly Selector[] }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'has'; readonly key: string }
  | { readonly kind: 'in'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'contains' | 'startsWith' | 'endsWith'; readonly key: string; readonly value: string };

/** Selects everything, also things without any label. */
export const EVERYTHING: Selector = Object.freeze({ kind: 'and', of: [] });

/** Whether `labels` satisfy `selector`. */
export function selects(selector: Selector, labels: ReadonlyMap<string, string>): boolean {
  switch (selector.kind) {
    case 'and':
      return selector.of.every((part) => selects(part, labels));
    case 'or':
      return selector.of.some((part) => selects(part, labels));
    case 'not':
      return !selects(selector.of, labels);
    case 'has':
      return labels.has(selector.key);
    case 'in': {
      const value = labels.get(selector.key);
      return value !== undefined && selector.values.includes(value);
    }
    default: {
      const value = labels.get(selector.key);
      if (value === undefined) return false;
      if (selector.kind === 'contains') return value.includes(selector.value);
      return selector.kind === 'startsWith' ? value.startsWith(selector.value) : value.endsWith(selector.value);
    }
  }
}
