import type { EndpointMatcher, Policy, PolicyRule } from '../../model/policy.ts';
import { EVERYTHING, type Selector } from '../../model/selector.ts';
import type { KindedDocument, ReadContext } from '../dialect.ts';
import {
  childField,
  converted,
  type Field,
  ignored,
  mapping,
  object,
  oneOf,
  type Read,
  required,
  rootField,
  text,
  warn,
  wrong,
} from '../document/fields.ts';
import { metadata, policyRef } from '../document/metadata.ts';
import { tcp } from './rule.ts';
import { ISTIO_STAGE, ROOT_NAMESPACE } from './stage.ts';
import { IDENTIFIED, workloadSelector, workloads } from './values.ts';

const mtls = object({ mode: oneOf('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT') });

const portModes: Read<ReadonlyMap<number, Mode>> = converted(mapping(mtls), (modes, field) => {
  const bad = [...modes.keys()].find((port) => !/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535);
  if (bad !== undefined) return wrong(field, 'bad-port', `"${bad.slice(0, 80)}" is no port`, 'Write a workload port.');
  return new Map([...modes].map(([port, { mode = 'UNSET' }]) => [Number(port), mode]));
});

const fields = object({
  apiVersion: required(text),
  kind: required(text),
  metadata: required(metadata),
  spec: object({ selector: workloadSelector, mtls, portLevelMtls: portModes }),
  status: ignored,
});

type Mode = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT';

interface PeerAuthentication {
  readonly ref: Policy['ref'];
  readonly field: Field;
  readonly namespace: string;
  readonly selector: Selector;
  readonly mode: Mode;
  readonly ports: ReadonlyMap<number, Mode>;
}

/**
 * I12: where mutual TLS is required, who has no identity is denied. The narrowest setting counts: of a workload, else of
 * its namespace, else of the mesh; a narrower one that sets no mode takes over that of the wider.
 */
export function readPeerAuthentications(documents: readonly KindedDocument[], context: ReadContext): Policy[] {
  const all = documents.flatMap((one) => read(one, context) ?? []);
  const ofWorkloads = all.filter(({ selector }) => selector !== EVERYTHING);
  const wide = firstPerNamespace(all.filter(({ selector }) => selector === EVERYTHING));
  const mesh = wide.find(({ namespace }) => namespace === ROOT_NAMESPACE);
  const own = wide.filter(({ namespace, mode }) => namespace !== ROOT_NAMESPACE && mode !== 'UNSET');
  const narrower = ofWorkloads.map(({ namespace, selector }) => workloads(namespace, selector));
  const ofMesh: Mode = mesh?.mode ?? 'UNSET';
  const modeOf = (name: string): Mode => own.find(({ namespace }) => namespace === name)?.mode ?? ofMesh;
  const meshWide = except({ match: 'pod' }, [...own.map(({ namespace }) => workloads(namespace)), ...narrower]);
  return [
    ...(mesh ? policy(mesh, meshWide, ofMesh) : []),
    ...own.flatMap((one) => policy(one, except(workloads(one.namespace), narrower), one.mode)),
    ...ofWorkloads.flatMap((one) => {
      const mode = one.mode === 'UNSET' ? modeOf(one.namespace) : one.mode;
      return policy(one, workloads(one.namespace, one.selector), mode);
    }),
  ];
}

function read({ kind, document }: KindedDocument, context: ReadContext): PeerAuthentication | undefined {
  const field = rootField(document, context.findings);
  const found = fields(field);
  if (found === undefined) return undefined;
  const namespace = found.metadata.namespace || context.defaultNamespace;
  const { selector = EVERYTHING, mtls: own, portLevelMtls: ports = new Map() } = found.spec ?? {};
  if (selector === EVERYTHING && ports.size > 0) {
    const place = childField(childField(field, 'spec'), 'portLevelMtls');
    return wrong(place, 'bad-port-level', 'it needs a selector', 'Select the workloads whose ports are meant.');
  }
  const ref = policyRef(field, 'istio', kind, { name: found.metadata.name, namespace });
  return { ref, field, namespace, selector, mode: own?.mode ?? 'UNSET', ports };
}

/** Istio takes the oldest of several; files do not tell which that is. */
function firstPerNamespace(all: readonly PeerAuthentication[]): PeerAuthentication[] {
  return all.filter((one, index) => {
    const first = all.findIndex(({ namespace }) => namespace === one.namespace);
    if (first === index) return true;
    const message = `${all[first]?.ref.name} is for the whole namespace as well; Istio keeps the older one`;
    warn(
      childField(one.field, 'metadata'),
      'second-setting',
      message,
      'Remove one; the first that was read counts here.',
    );
    return false;
  });
}

function except(scope: EndpointMatcher, others: readonly EndpointMatcher[]): EndpointMatcher {
  if (others.length === 0) return scope;
  return { match: 'all', of: [scope, { match: 'not', of: { match: 'some', of: others } }] };
}

function policy({ ref, ports }: PeerAuthentication, subject: EndpointMatcher, mode: Mode): Policy[] {
  const of = (wanted: (mode: Mode) => boolean): number[] =>
    [...ports].flatMap(([port, own]) => (wanted(own) ? [port] : []));
  const strict = of((own) => own === 'STRICT');
  const lax = of((own) => own === 'PERMISSIVE' || own === 'DISABLE');
  if (mode !== 'STRICT' && strict.length === 0) return [];
  const where = mode !== 'STRICT' ? { ports: [tcp(strict)] } : lax.length > 0 ? { notPorts: [tcp(lax)] } : {};
  const peer: EndpointMatcher = { match: 'not', of: IDENTIFIED };
  const rule: PolicyRule = { index: 0, name: 'mutual TLS', action: 'deny', peer, ...where };
  const ingress = { rules: [rule], isolates: false };
  return [{ ref, stage: ISTIO_STAGE.name, order: 0, staged: false, subject, ingress }];
}
