import type { Policy, PolicyDirection, RuleAction } from '../../model/policy.ts';
import type { Dialect, KindedDocument, ReadContext } from '../dialect.ts';
import {
  childField,
  type Field,
  ignored,
  list,
  object,
  oneOf,
  type ReadResult,
  required,
  rootField,
  text,
  warn,
  wrong,
} from '../document/fields.ts';
import { metadata, policyRef } from '../document/metadata.ts';
import { dataPlane } from './data-plane.ts';
import { readPeerAuthentications } from './peer-authentication.ts';
import { authorizationRule, neutralRules } from './rule.ts';
import { DRY_RUN, ISTIO_STAGE } from './stage.ts';
import { workloadSelector, workloads } from './values.ts';

const KINDS = ['AuthorizationPolicy', 'PeerAuthentication'];

/** Istio's policies as far as connections tell: identities, addresses and ports. */
export const istio: Dialect = {
  name: 'istio',
  kinds: { 'security.istio.io/v1': KINDS, 'security.istio.io/v1beta1': KINDS },
  read(documents, context) {
    const ofKind = (wanted: string) => documents.filter(({ kind }) => kind === wanted);
    const policies = [
      ...ofKind('AuthorizationPolicy').flatMap((one) => readAuthorization(one, context) ?? []),
      ...readPeerAuthentications(ofKind('PeerAuthentication'), context),
    ];
    return { policies, stages: policies.length > 0 ? [ISTIO_STAGE] : [] };
  },
};

const fields = object({
  apiVersion: required(text),
  kind: required(text),
  metadata: required(metadata),
  spec: object({
    selector: workloadSelector,
    targetRef: ignored,
    targetRefs: list(ignored),
    action: oneOf('ALLOW', 'DENY', 'AUDIT', 'CUSTOM'),
    provider: object({ name: required(text) }),
    rules: list(authorizationRule),
  }),
  status: ignored,
});

type Spec = Partial<NonNullable<ReadResult<typeof fields>['spec']>>;

function readAuthorization({ kind, document }: KindedDocument, context: ReadContext): Policy | undefined {
  const field = rootField(document, context.findings);
  const read = fields(field);
  if (read === undefined) return undefined;
  const spec: Spec = read.spec ?? {};
  const specField = childField(field, 'spec');
  if (!isSound(spec, specField)) return undefined;
  const namespace = read.metadata.namespace || context.defaultNamespace;
  return {
    ref: policyRef(field, 'istio', kind, { name: read.metadata.name, namespace }),
    stage: ISTIO_STAGE.name,
    order: 0,
    staged: read.metadata.annotations.get(DRY_RUN) === 'true',
    subject: isTargeted(spec, specField) ? { match: 'nothing' } : workloads(namespace, spec.selector),
    ingress: direction(spec, namespace, { l4Only: dataPlane(namespace, context) === 'ztunnel', field: specField }),
  };
}

function isSound({ action, provider, selector, targetRef, targetRefs }: Spec, field: Field): boolean {
  const before = field.findings.length;
  if ((action === 'CUSTOM') !== (provider !== undefined)) {
    const message = action === 'CUSTOM' ? 'action CUSTOM needs a provider' : 'a provider is for action CUSTOM only';
    wrong(childField(field, 'provider'), 'bad-provider', message, 'Name the external authorizer, or remove it.');
  }
  if (selector !== undefined && (targetRef !== undefined || targetRefs?.length)) {
    wrong(childField(field, 'selector'), 'bad-subject', 'selector and targetRefs exclude each other', 'Keep one.');
  }
  return field.findings.length === before;
}

/** I1: gateways, services and waypoints decide about requests, after the connection was let in. */
function isTargeted({ targetRef, targetRefs }: Spec, field: Field): boolean {
  if (targetRef === undefined && !targetRefs?.length) return false;
  const place = childField(field, targetRef === undefined ? 'targetRefs' : 'targetRef');
  const message = 'this policy is for gateways, services or waypoints and decides nothing about connections to pods';
  warn(place, 'targeted-policy', message, 'Nothing to do.');
  return true;
}

const ACTIONS = { ALLOW: 'allow', DENY: 'deny', AUDIT: 'log', CUSTOM: 'deny' } as const satisfies Record<
  string,
  RuleAction
>;

/** I2, I3: an ALLOW policy isolates, even without rules. What an external authorizer denies is denied. */
function direction(
  { action = 'ALLOW', provider, rules = [] }: Spec,
  namespace: string,
  { l4Only, field }: { readonly l4Only: boolean; readonly field: Field },
): PolicyDirection {
  if (l4Only && (action === 'CUSTOM' || action === 'AUDIT')) {
    warn(childField(field, 'action'), 'not-supported', `ztunnel does not know action ${action}`, 'Use a waypoint.');
    return { isolates: false, rules: [] };
  }
  const conditions = provider === undefined ? [] : [`denial by the external authorizer ${provider.name}`];
  const kind = { action: ACTIONS[action], conditions, l4Only };
  return {
    isolates: action === 'ALLOW',
    rules: rules.flatMap((rule, index) => neutralRules(rule, namespace, { ...kind, index })),
  };
}
