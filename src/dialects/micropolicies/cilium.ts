import type { PlainObject } from '../kubernetes/write.ts';

const DNS_PORT = '53';
const EVERY_NAME = { dns: [{ matchPattern: '*' }] };

/**
 * Cilium knows the addresses behind a name from the answers that its proxy sees. Where names are granted, lookups have to
 * go through it; every name may still be looked up.
 */
export function observeLookups(documents: readonly PlainObject[]): readonly PlainObject[] {
  if (!documents.some((document) => JSON.stringify(document).includes('"toFQDNs"'))) return documents;
  return documents.map((document) => ({
    ...document,
    ...('spec' in document && { spec: withLookups(document.spec as PlainObject) }),
    ...('specs' in document && { specs: (document.specs as readonly PlainObject[]).map(withLookups) }),
  }));
}

function withLookups(spec: PlainObject): PlainObject {
  if (!('egress' in spec)) return spec;
  return { ...spec, egress: (spec.egress as readonly PlainObject[]).map(observedRule) };
}

function observedRule(rule: PlainObject): PlainObject {
  if (!('toPorts' in rule) || 'toFQDNs' in rule) return rule;
  return { ...rule, toPorts: (rule.toPorts as readonly PlainObject[]).flatMap(observedPorts) };
}

function observedPorts(item: PlainObject): PlainObject[] {
  const ports = item.ports as readonly PlainObject[];
  const [lookups, others] = [ports.filter(isLookup), ports.filter((port) => !isLookup(port))];
  return [
    ...(lookups.length > 0 ? [{ ports: lookups, rules: EVERY_NAME }] : []),
    ...(others.length > 0 ? [{ ports: others }] : []),
  ];
}

function isLookup({ port, protocol }: PlainObject): boolean {
  return port === DNS_PORT && (protocol === 'UDP' || protocol === 'TCP' || protocol === 'ANY');
}
