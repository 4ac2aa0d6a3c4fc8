import { converted, mapping, type Read, text, wrong } from './fields.ts';

/** Shapes of names and labels as Kubernetes' apimachinery validation defines them. */
const LABEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const PORT_NAME = /^(?=.*[a-z])(?!-)(?!.*--)[a-z0-9-]{1,15}(?<!-)$/;

export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return LABEL_NAME.test(key);
  return isDnsSubdomain(key.slice(0, slash)) && LABEL_NAME.test(key.slice(slash + 1));
}

/** The empty value is legal. */
export function isLabelValue(value: string): boolean {
  return value === '' || LABEL_NAME.test(value);
}

export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && DNS_SUBDOMAIN.test(name);
}

/** Name of a cluster-scoped or namespaced object. */
export const objectName: Read<string> = converted(text, (name, field) => {
  if (isDnsSubdomain(name)) return name;
  const remedy = 'Use at most 253 small letters, digits, "-" and ".", starting and ending with a letter or digit.';
  return wrong(field, 'bad-name', `"${name.slice(0, 80)}" is no object name`, remedy);
});

export const namespaceName: Read<string> = converted(text, (name, field) => {
  if (DNS_LABEL.test(name)) return name;
  const remedy = 'Use at most 63 small letters, digits and "-", starting and ending with a letter or digit.';
  return wrong(field, 'bad-name', `"${name.slice(0, 80)}" is no namespace name`, remedy);
});

export const labelKey: Read<string> = converted(text, (key, field) => {
  if (isLabelKey(key)) return key;
  const remedy = 'Use an optional DNS prefix with "/", then at most 63 letters, digits, "-", "_" and ".".';
  return wrong(field, 'bad-label', `"${key.slice(0, 80)}" is no label key`, remedy);
});

export const labelValue: Read<string> = converted(text, (value, field) => {
  if (isLabelValue(value)) return value;
  const remedy = 'Use at most 63 letters, digits, "-", "_" and ".", starting and ending with a letter or digit.';
  return wrong(field, 'bad-label', `"${value.slice(0, 80)}" is no label value`, remedy);
});

export const labels: Read<ReadonlyMap<string, string>> = converted(mapping(labelValue), (map, field) => {
  const bad = [...map.keys()].find((key) => !isLabelKey(key));
  if (bad === undefined) return map;
  return wrong(field, 'bad-label', `"${bad.slice(0, 80)}" is no label key`, 'Correct the key.');
});

/** Name of a container port (IANA service name). */
export const portName: Read<string> = converted(text, (name, field) => {
  if (PORT_NAME.test(name)) return name;
  const remedy = /^\d+$/.test(name)
    ? 'Write the number without quotes.'
    : 'Use at most 15 small letters, digits and "-", with at least one letter.';
  return wrong(field, 'bad-port-name', `"${name.slice(0, 80)}" is no port name`, remedy);
});
