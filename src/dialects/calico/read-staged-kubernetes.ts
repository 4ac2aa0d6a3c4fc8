import type { Policy } from '../../model/policy.ts';
import type { KindedDocument, ReadContext } from '../dialect.ts';
import { childField, rootField } from '../document/fields.ts';
import { kubernetes } from '../kubernetes/read.ts';
import { letGoAs, stagedAction } from './schema.ts';
import { DEFAULT_TIER, NETWORK_POLICY_ORDER } from './tiers.ts';

/** P10: a Kubernetes NetworkPolicy with one more field. It would stand where those stand (P9). */
export function readStagedKubernetes({ document, ...kinded }: KindedDocument, context: ReadContext): Policy[] {
  const { value } = document;
  const spec = (value as { readonly spec?: unknown }).spec;
  if (typeof spec !== 'object' || spec === null || !('stagedAction' in spec)) {
    return staged([{ ...kinded, document }], context);
  }
  const field = childField(childField(rootField(document, context.findings), 'spec'), 'stagedAction');
  const action = field.value == null ? 'Set' : stagedAction(field);
  if (action === undefined) return [];
  const { stagedAction: _, ...rest } = spec;
  const kept = { ...document, value: { ...(value as object), spec: rest } };
  return staged([{ ...kinded, document: kept }], context).map((policy) => ({ ...policy, ...letGoAs(action) }));
}

function staged(documents: readonly KindedDocument[], context: ReadContext): Policy[] {
  return kubernetes.read(documents, context).policies.map((policy) => ({
    ...policy,
    ref: { ...policy.ref, dialect: 'calico' },
    stage: DEFAULT_TIER,
    order: NETWORK_POLICY_ORDER,
    staged: true,
  }));
}
