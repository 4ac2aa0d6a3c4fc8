import type { Metadata } from '../document/metadata.ts';

/** Under `crd.projectcalico.org/v1` Calico keeps an object's own metadata as JSON in this annotation. */
const STORED = 'projectcalico.org/metadata';

/** Labels of an object, also of one that was exported in the form in which Calico stores it. */
export function storedLabels({ labels, annotations }: Metadata): ReadonlyMap<string, string> {
  const stored = annotations.get(STORED);
  if (stored === undefined) return labels;
  return new Map([...labels, ...labelsIn(stored)]);
}

function labelsIn(json: string): [string, string][] {
  try {
    const { labels } = JSON.parse(json) as { labels?: unknown };
    if (typeof labels !== 'object' || labels === null) return [];
    return Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  } catch {
    return [];
  }
}
