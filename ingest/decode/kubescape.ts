import type { Endpoint } from '../../src/model/endpoint.ts';
import { type LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { address, isPrivate } from './address.ts';
import type { DecodeContext, DecodeSink, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { list, object, part, port, present, text, texts } from './fields.ts';
import { labelsOfObject } from './label-hygiene.ts';
import { protocolNumber } from './protocol.ts';
import { jsonDecoder } from './reading.ts';
import { NO_TIME, parseTime } from './time.ts';

type Side = 'ingress' | 'egress';

/** Labels a selector pins down; a selector with expressions, or an empty one, pins nothing down. */
function selected(selector: unknown, interner: LabelInterner): LabelSet {
  const { matchLabels, matchExpressions } = part(selector);
  const labels = part(matchLabels);
  if (list(matchExpressions).length > 0 || Object.keys(labels).length === 0) return UNKNOWN_LABELS;
  return labelsOfObject(labels, interner);
}

/** A namespace selector by the standard name label, or by the plain `name` of older examples. */
function namespaceOf(neighbour: JsonObject, own: string): string {
  if (object(neighbour.namespaceSelector) === undefined) return own;
  const labels = part(part(neighbour.namespaceSelector).matchLabels);
  return present(labels['kubernetes.io/metadata.name']) || present(labels.name);
}

const withoutDot = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name);

function namesOf(neighbour: JsonObject): readonly string[] {
  const names = [text(neighbour.dns), ...texts(neighbour.dnsNames)].map(withoutDot);
  return [...new Set(names.filter((name) => name !== ''))];
}

/** Addresses, blocks and `*`, each once; a neighbour known only by selector or name has the one address `''`. */
function addressesOf(neighbour: JsonObject): readonly string[] {
  const found = [text(neighbour.ipAddress), ...texts(neighbour.ipAddresses)].filter((value) => value !== '');
  return found.length === 0 ? [''] : [...new Set(found)];
}

function neighbourEnd(neighbour: JsonObject, written: string, own: string, interner: LabelInterner): Endpoint {
  if (object(neighbour.podSelector) !== undefined) {
    const labels = selected(neighbour.podSelector, interner);
    return endpoint({ kind: 'pod', namespace: namespaceOf(neighbour, own), labels });
  }
  const block = written === '*' ? '0.0.0.0/0' : address(written) === '' ? written : '';
  const kind = text(neighbour.type) === 'internal' || isPrivate(address(written)) ? 'private' : 'external';
  return endpoint({ kind, peer: namesOf(neighbour)[0] ?? block });
}

/** The workload that a document is about. */
interface Subject {
  readonly end: Endpoint;
  readonly time: number;
  readonly id: string;
}

function subjectOf(record: JsonObject, interner: LabelInterner): Subject {
  const metadata = part(record.metadata);
  const labels = part(metadata.labels);
  const told = (key: string): string => present(labels[`kubescape.io/workload-${key}`]);
  const namespace = told('namespace') || present(metadata.namespace);
  const end = endpoint({
    kind: 'pod',
    namespace,
    workload: told('name') || present(metadata.name),
    workloadKind: told('kind'),
    labels: selected(record.spec, interner),
  });
  const id = `${namespace} ${present(metadata.name)} ${present(metadata.resourceVersion)}`;
  return { end, time: parseTime(metadata.creationTimestamp) ?? NO_TIME, id };
}

/** Addresses of a neighbour times its ports are rows, so a small object could make any number of them. */
const ROWS_LIMIT = 100_000;

interface Told {
  readonly subject: Subject;
  readonly context: DecodeContext;
  readonly sink: DecodeSink;
  /** Rows that the object may still give. */
  left: number;
}

function decodeNeighbour(neighbour: JsonObject, side: Side, told: Told): void {
  const { subject, context, sink } = told;
  const ports = list(neighbour.ports).length > 0 ? list(neighbour.ports).map(part) : [{} as JsonObject];
  const names = namesOf(neighbour);
  const addresses = addressesOf(neighbour);
  told.left -= addresses.length * ports.length;
  if (told.left < 0) {
    sink.reject('too-many-rows', `more than ${ROWS_LIMIT} rows in one object`);
    return;
  }
  for (const written of addresses) {
    const far = neighbourEnd(neighbour, written, subject.end.namespace, context.interner);
    for (const target of ports) {
      const [client, server] = side === 'egress' ? [subject.end, far] : [far, subject.end];
      const [protocol, serverPort] = [protocolNumber(target.protocol), port(target.port)];
      const identity = [subject.id, side, text(neighbour.identifier), written, protocol, serverPort];
      sink.flow(
        newFlow('kubescape', context, {
          time: subject.time,
          vantage: side === 'egress' ? 'src' : 'dst',
          oriented: 'reported',
          verdict: 'allow',
          protocol,
          serverPort,
          client,
          server,
          clientAddress: side === 'egress' ? '' : address(written),
          serverAddress: side === 'egress' ? address(written) : '',
          serverNames: side === 'egress' ? names : [],
          eventId: eventId('kubescape', ...identity),
        }),
      );
    }
  }
}

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

function decode(record: JsonObject, context: DecodeContext, sink: DecodeSink): void {
  const subject = subjectOf(record, context.interner);
  const spec = part(record.spec);
  // Releases before per-container lists kept both directions in the spec itself.
  const holders = [spec, ...CONTAINERS.flatMap((key) => list(spec[key])).map(part)];
  const sides = ['ingress', 'egress'] as const;
  const neighbours = holders.flatMap((holder) =>
    sides.flatMap((side) => list(holder[side]).map((neighbour) => ({ side, neighbour: part(neighbour) }))),
  );
  if (neighbours.length === 0) sink.skip('no-neighbours');
  const told = { subject, context, sink, left: ROWS_LIMIT };
  for (const { side, neighbour } of neighbours) {
    decodeNeighbour(neighbour, side, told);
    if (told.left < 0) return;
  }
}

/**
 * Kubescape's NetworkNeighborhood objects (kubescape/storage, softwarecomposition/v1beta1): edges somebody else has
 * learned, without counts; their time is the creation of the object.
 */
export const kubescape = jsonDecoder({
  format: 'kubescape',
  recognises: (record) => record.kind === 'NetworkNeighborhood' || record.kind === 'NetworkNeighbors',
  decode,
});
