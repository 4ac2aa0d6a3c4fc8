import { childField, type Field, object, required, text, wrong } from '../document/fields.ts';

/** Reference to a service or service account by namespace and name. */
export const serviceName = object({ name: required(text), namespace: required(text) });

/** Service of a rule; one of the whole ClusterSet has the same name everywhere. */
export const peerService = object({ name: required(text), namespace: required(text), scope: text });

interface Company {
  /** Fields of which only one may be set. */
  readonly alone: readonly string[];
  /** Fields beside which namespaceSelector, or namespaces, may stand. */
  readonly namespaceSelector: readonly string[];
}

/** Whether the fields that are set may stand together; says so where they may not. */
export function onlyTogether(read: object, field: Field, { alone, namespaceSelector }: Company): boolean {
  const given = Object.entries(read).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const [first, second] = given.filter((name) => alone.includes(name));
  if (second !== undefined) return refuse(childField(field, second), `${second} cannot stand beside ${first}`);
  const places = given.filter((name) => name === 'namespaceSelector' || name === 'namespaces');
  if (places.length > 1)
    return refuse(childField(field, 'namespaces'), 'namespaces cannot stand beside a selector of them');
  if (places.length === 0 || first === undefined || namespaceSelector.includes(first)) return true;
  return refuse(childField(field, first), `${first} cannot stand beside ${places[0]}`);
}

function refuse(field: Field, message: string): boolean {
  wrong(field, 'bad-peer', message, 'Make them two items, each with its own dash.');
  return false;
}
