import { childField, converted, ignored, list, object, type Read, required, text, wrong } from '../document/fields.ts';
import { addresses, type Criteria, httpWords, matchers, NO_CRITERIA, namespaces, principals } from './criteria.ts';
import { ipBlocks, patterns, ports, serviceAccounts } from './values.ts';

/** Criteria that may refer to the policy's namespace. */
export type CriteriaOf = (namespace: string) => Criteria;

type ReadValues = Read<CriteriaOf>;

/** I5: conditions on the connection. All other known keys are about requests or the proxy. */
const L4_KEYS: Readonly<Record<string, ReadValues>> = {
  'source.ip': ofValues(ipBlocks, (values, not) => () => peer(matchers(values, not, addresses))),
  'source.namespace': ofValues(patterns, (values, not) => () => peer(matchers(values, not, namespaces))),
  'source.principal': ofValues(patterns, (values, not) => () => peer(matchers(values, not, principals))),
  'source.serviceAccount': ofValues(
    serviceAccounts,
    (values, not) => (namespace) => peer(matchers(values?.(namespace), not?.(namespace), principals)),
  ),
  'destination.ip': ofValues(ipBlocks, (values, not) => () => ({
    ...NO_CRITERIA,
    self: matchers(values, not, addresses),
  })),
  'destination.port': ofValues(ports, (values, not = []) => () => ({
    ...NO_CRITERIA,
    ports: values?.length ? [values] : [],
    notPorts: not,
  })),
};

const REQUEST_KEYS =
  /^(request\.(headers\[.+\]|auth\.(principal|audiences|presenter|claims(\[[^\]]+\])+))|remote\.ip|connection\.sni|experimental\.envoy\.filters\..+)$/;

function peer(all: Criteria['peer']): Criteria {
  return { ...NO_CRITERIA, peer: all };
}

/** `values` and `notValues`, either of which may be missing. */
function ofValues<T>(read: Read<T>, make: (values?: T, not?: T) => CriteriaOf): ReadValues {
  const both = object({ key: ignored, values: read, notValues: read });
  return converted(both, ({ values, notValues }) => make(values, notValues));
}

const shape = object({ key: required(text), values: list(text), notValues: list(text) });

/** An item of `when`. */
export const condition: Read<CriteriaOf> = converted(shape, ({ key, values = [], notValues = [] }, field) => {
  if (values.length === 0 && notValues.length === 0) {
    return wrong(field, 'missing-field', 'it has neither values nor notValues', 'Give one of them.');
  }
  const read = Object.hasOwn(L4_KEYS, key) ? L4_KEYS[key] : undefined;
  if (read !== undefined) return read(field);
  if (REQUEST_KEYS.test(key)) {
    const http = httpWords({ [key]: values, [`not ${key}`]: notValues });
    return () => ({ ...NO_CRITERIA, http });
  }
  const remedy = `Write one of ${Object.keys(L4_KEYS).join(', ')}, or a key of requests.`;
  return wrong(childField(field, 'key'), 'unknown-value', `there is no attribute "${key.slice(0, 80)}"`, remedy);
});
