import type { Attribution, FlowVerdict, Reason } from '../../src/model/enums.ts';
import type { JsonObject } from './decoder.ts';
import { present } from './fields.ts';
import { policyRef } from './policy-ref.ts';

export interface ProxyOutcome {
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
  readonly attribution: Attribution;
  readonly deniedBy: readonly string[];
}

const RBAC = /rbac_access_denied_matched_policy\[(.*)\]/;
const NAMED_POLICY = /^ns\[([^\]]*)\]-policy\[([^\]]*)\]-rule\[([^\]]*)\]$/;

/** Flags of requests that never got an answer from upstream: nothing a policy decided. */
const UPSTREAM_FAILURES = new Set(['UF', 'UH', 'NC', 'UO', 'NR', 'URX', 'LH']);

const deny = (reason: Reason, deniedBy: readonly string[]): ProxyOutcome => ({
  verdict: 'deny',
  reason,
  attribution: deniedBy.length > 0 ? 'full' : 'partial',
  deniedBy,
});

/** `none`: policies with ALLOW exist and none matched. A name: the DENY rule that matched. */
function rbacDenial(matched: string): ProxyOutcome {
  const named = NAMED_POLICY.exec(matched);
  if (named === null) return matched === 'none' ? deny('default_deny', []) : deny('explicit_deny', []);
  const [, scope = '', name = '', rule = ''] = named;
  return deny('explicit_deny', [policyRef({ kind: 'istio', scope, name, rule })]);
}

/** What the proxy decided, from its details of response and termination and from the response flags. */
export function proxyOutcome(record: JsonObject, method: string): ProxyOutcome {
  const details = `${present(record.response_code_details)} ${present(record.connection_termination_details)}`;
  const rbac = RBAC.exec(details);
  if (rbac !== null) return rbacDenial(rbac[1] ?? '');
  const flags = present(record.response_flags).split(',');
  // No route and no request: a client without mutual TLS at a server that insists on it.
  if (flags.includes('NR') && method === '') return deny('auth', []);
  if (flags.includes('UAEX')) return deny('l7_deny', []);
  const failed = flags.some((flag) => UPSTREAM_FAILURES.has(flag));
  if (failed) return { verdict: 'error', reason: 'other_drop', attribution: 'none', deniedBy: [] };
  return { verdict: 'allow', reason: 'none', attribution: 'none', deniedBy: [] };
}
