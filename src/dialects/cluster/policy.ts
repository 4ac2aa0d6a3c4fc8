import type { EndpointMatcher, Policy, PolicyDialect, PolicyDirection } from '../../model/policy.ts';
import type { Field } from '../document/fields.ts';
import { policyRef } from '../document/metadata.ts';
import type { UnplacedRule } from './rule.ts';

interface Parts {
  /** The whole document. */
  readonly field: Field;
  readonly dialect: PolicyDialect;
  readonly kind: string;
  readonly name: string;
  readonly stage: string;
  readonly order: number;
  readonly subject: EndpointMatcher;
  readonly ingress?: readonly UnplacedRule[] | undefined;
  readonly egress?: readonly UnplacedRule[] | undefined;
}

/** A cluster-wide policy. Without rules for a direction it has no opinion on it, and it never isolates (A4, C11). */
export function tieredPolicy({ field, dialect, kind, name, stage, order, subject, ingress, egress }: Parts): Policy {
  return {
    ref: policyRef(field, dialect, kind, { name, namespace: '' }),
    stage,
    order,
    staged: false,
    subject,
    ...(ingress?.length && { ingress: direction(ingress) }),
    ...(egress?.length && { egress: direction(egress) }),
  };
}

function direction(rules: readonly UnplacedRule[]): PolicyDirection {
  return { isolates: false, rules: rules.map((rule, index) => ({ index, ...rule })) };
}
