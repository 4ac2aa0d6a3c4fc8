import { address } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import type { DecodeContext, DecodeSink, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, list, object, part, port, present, text } from './fields.ts';
import { policyRef } from './policy-ref.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { epochTime } from './time.ts';

/** One flow tuple with its columns named, whichever generation wrote it. */
interface Tuple {
  readonly time: number | undefined;
  readonly source: string;
  readonly target: string;
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly protocol: number;
  readonly inbound: boolean;
  readonly denied: boolean;
  /** Begin, Continuing, End; `''` in version 1, which has no states. */
  readonly state: string;
  /** Packets and bytes from source to destination, then back. */
  readonly counters: readonly string[];
}

/** VNet flow logs: milliseconds, protocol number, direction, state or D for denied, encryption, counters. */
function vnetTuple(columns: readonly string[]): Tuple {
  const [time, source, target, sourcePort, targetPort, protocol, direction, state = ''] = columns;
  return {
    ...ends(source, target, sourcePort, targetPort),
    time: epochTime(time, 'ms'),
    protocol: protocolNumber(protocol),
    inbound: direction === 'I',
    denied: state === 'D',
    state,
    counters: columns.slice(9),
  };
}

/** NSG flow logs: seconds, T or U, direction, A or D; version 2 adds state and counters. */
function groupTuple(columns: readonly string[]): Tuple {
  const [time, source, target, sourcePort, targetPort, protocol, direction, decision, state = ''] = columns;
  return {
    ...ends(source, target, sourcePort, targetPort),
    time: epochTime(time, 's'),
    protocol: protocolNumber(protocol),
    inbound: direction === 'I',
    denied: decision === 'D',
    state,
    counters: columns.slice(9),
  };
}

function ends(...[source, target, sourcePort, targetPort]: readonly (string | undefined)[]) {
  return {
    source: address(source),
    target: address(target),
    sourcePort: port(sourcePort),
    targetPort: port(targetPort),
  };
}

/** Where a tuple stands: the rule that decided it, and the interface that saw it. */
interface Place {
  readonly group: string;
  readonly rule: string;
  readonly node: string;
}

/** Denials by the rules every group begins with are a default; the others somebody wrote. */
function outcomeOf(denied: boolean, { group, rule }: Place) {
  const name = group === '' ? rule : group;
  const refs = rule === '' ? [] : [policyRef({ kind: 'nsg', scope: '', name, rule: group === '' ? '' : rule })];
  const attribution = refs.length > 0 ? ('full' as const) : ('none' as const);
  if (!denied) return { verdict: 'allow', reason: 'none', attribution, allowedBy: refs, deniedBy: [] } as const;
  const reason = rule.startsWith('DefaultRule_') ? 'default_deny' : 'explicit_deny';
  return { verdict: 'deny', reason, attribution, allowedBy: [], deniedBy: refs } as const;
}

function readTuple(written: string, tuple: Tuple, place: Place, context: DecodeContext): Reading {
  const { time, source, target, counters } = tuple;
  if (time === undefined || source === '' || target === '') {
    return { reject: 'bad-tuple', detail: 'a flow tuple without plausible time and two addresses' };
  }
  const opens = tuple.denied || tuple.state === 'B';
  return {
    flow: newFlow('azure_flow', context, {
      time,
      node: place.node || context.node,
      vantage: tuple.inbound ? 'dst' : 'src',
      oriented: 'reported',
      protocol: tuple.protocol,
      client: endpoint({ kind: kindOfAddress(source) }),
      server: endpoint({ kind: kindOfAddress(target) }),
      clientAddress: source,
      serverAddress: target,
      clientPort: tuple.sourcePort,
      serverPort: tuple.targetPort,
      ...outcomeOf(tuple.denied, place),
      connections: opens ? 1 : 0,
      connectionBasis: tuple.state === '' && !tuple.denied ? 'row' : 'event',
      packetsForward: count(counters[0]),
      bytesForward: count(counters[1]),
      packetsReverse: count(counters[2]),
      bytesReverse: count(counters[3]),
      eventId: eventId('azure_flow', place.node, place.group, place.rule, written),
    }),
  };
}

type TupleReader = (columns: readonly string[]) => Tuple;

/** Tuples of one rule, and how their columns are read. */
interface TupleList {
  readonly tuples: readonly unknown[];
  readonly reader: TupleReader;
  readonly place: Place;
}

/** Last segment of a resource id: the group's own name. */
const lastSegment = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

function decode(record: JsonObject, context: DecodeContext, sink: DecodeSink): void {
  const node = present(record.macAddress);
  const lists: TupleList[] = [];
  for (const flow of list(part(record.flowRecords).flows).map(part)) {
    for (const group of list(flow.flowGroups).map(part)) {
      const place = { group: lastSegment(present(flow.aclID)), rule: present(group.rule), node };
      lists.push({ tuples: list(group.flowTuples), reader: vnetTuple, place });
    }
  }
  const securityGroup = lastSegment(present(record.resourceId));
  for (const rule of list(part(record.properties).flows).map(part)) {
    for (const card of list(rule.flows).map(part)) {
      const place = { group: securityGroup, rule: present(rule.rule), node: present(card.mac) || node };
      lists.push({ tuples: list(card.flowTuples), reader: groupTuple, place });
    }
  }
  if (lists.every(({ tuples }) => tuples.length === 0)) sink.skip('no-flows');
  for (const { tuples, reader, place } of lists)
    for (const written of tuples.map(text))
      deliver(readTuple(written, reader(written.split(',')), place, context), sink);
}

/** Azure virtual network flow logs (version 4) and network security group flow logs (versions 1 and 2). */
export const azureFlow = jsonDecoder({
  format: 'azure_flow',
  recognises: (record) =>
    Array.isArray(part(record.flowRecords).flows) ||
    (Array.isArray(part(record.properties).flows) && object(record.properties) !== undefined),
  decode,
});
