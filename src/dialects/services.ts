import type { EndpointMatcher, PortMatcher } from '../model/policy.ts';
import { PROTOCOL_NUMBERS } from '../model/ports.ts';
import type { Selector } from '../model/selector.ts';
import type { PolicyDocument } from './document/document.ts';
import { podsIn } from './document/peers.ts';
import { type Fields, fieldsOf, items, textMap, textOf } from './workloads-fields.ts';

/** What a Service that lies beside the policies tells of whom it stands for. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Its backends; absent without a selector, when only endpoint slices tell them. */
  readonly pods: EndpointMatcher | undefined;
  /** The ports of the backends. */
  readonly ports: readonly PortMatcher[];
}

/** By `namespace/name`. */
export type Services = ReadonlyMap<string, Service>;

/** Services by their names. What is odd about them is none of our business. */
export function readServices(documents: readonly PolicyDocument[], defaultNamespace: string): Services {
  const services = documents.map((document) => serviceOf(fieldsOf(document.value), defaultNamespace));
  return new Map(services.map((one) => [`${one.namespace}/${one.name}`, one]));
}

function serviceOf({ metadata, spec }: Fields, defaultNamespace: string): Service {
  const { name, namespace, labels } = fieldsOf(metadata);
  const { selector, ports } = fieldsOf(spec);
  const home = textOf(namespace) || defaultNamespace;
  const terms = [...textMap(selector)].map(([key, value]): Selector => ({ kind: 'in', key, values: [value] }));
  return {
    namespace: home,
    name: textOf(name),
    labels: textMap(labels),
    pods: terms.length === 0 ? undefined : podsIn(home, { kind: 'and', of: terms }),
    ports: items(ports).flatMap((port) => portOf(fieldsOf(port))),
  };
}

/** K27: where the Service sends to, which is its own port unless it says otherwise. */
function portOf({ protocol, port, targetPort }: Fields): PortMatcher[] {
  const number = PROTOCOL_NUMBERS[textOf(protocol) || 'TCP'];
  const target = targetPort ?? port;
  if (number === undefined) return [];
  if (typeof target === 'number') return [{ protocol: number, ports: [{ from: target, to: target }] }];
  return typeof target === 'string' ? [{ protocol: number, portName: target }] : [];
}
