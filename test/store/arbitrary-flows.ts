import { isIP } from 'node:net';
import fc from 'fast-check';
import type { Batch, PositionedFlow } from '../../src/model/batch.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import {
  ATTRIBUTIONS,
  CONNECTION_BASES,
  ENDPOINT_KINDS,
  FLOW_VERDICTS,
  FORMATS,
  ORIENTATIONS,
  REASONS,
  VANTAGES,
} from '../../src/model/enums.ts';
import type { Flow } from '../../src/model/flow.ts';
import { LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { encodeFlows } from '../../src/store/write/flow-rows.ts';

const INTERNER = new LabelInterner();
const HOUR = 3_600_000;
/** 2026-11-01T00:00Z, an hour boundary. */
export const START = Date.UTC(2026, 10, 1);

function names<T extends string>(values: Readonly<Record<T, number>>): fc.Arbitrary<T> {
  return fc.constantFrom(...(Object.keys(values) as T[]));
}

/** Any text at all, lone surrogates and control characters included. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\t', '\n', '\\', '\0', "'", '\ud800', 'é', '😀', '\r', '\b', '\f', 'N', 'a') }),
);

/** Few names, so that flows meet on the same edges. */
const smallText = fc.constantFrom('', 'a', 'b');

export const labelSetArbitrary: fc.Arbitrary<LabelSet> = fc.oneof(
  fc.constant(UNKNOWN_LABELS),
  fc.constantFrom('web', 'db').map((app) => INTERNER.intern(new Map([['app', app]]))),
  fc.constant(INTERNER.intern(new Map())),
);

function endpoint(text: fc.Arbitrary<string>): fc.Arbitrary<Endpoint> {
  return fc.record({
    kind: fc.oneof(fc.constant('pod' as const), names(ENDPOINT_KINDS)),
    namespace: text,
    workload: text,
    workloadKind: fc.constantFrom('Deployment', ''),
    pod: text,
    labels: labelSetArbitrary,
    peer: smallText,
    principal: text,
    identity: fc.nat(),
  });
}

/** Few ends in all, so that flows meet on the same edges. */
const fewEnds = fc.constantFrom(...fc.sample(endpoint(smallText), { numRuns: 5, seed: 1 }));

/** Flows over `hours` hours whose texts come from `text`. */
export function flowArbitrary(text: fc.Arbitrary<string> = smallText, hours = 30): fc.Arbitrary<Flow> {
  const texts = fc.array(text, { maxLength: 2 });
  const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1', '', 'not an address', 'fe80::1%eth0');
  const end = text === smallText ? fewEnds : endpoint(text);
  const count = fc.integer({ min: 0, max: 1000 });
  return fc
    .record({
      start: fc.integer({ min: 0, max: hours * HOUR - 1 }),
      length: fc.integer({ min: 0, max: 10_000 }),
      format: fc.oneof(fc.constant('hubble' as const), names(FORMATS)),
      cluster: fc.constantFrom('prod', 'test'),
      node: text,
      vantage: names(VANTAGES),
      oriented: names(ORIENTATIONS),
      swapped: fc.boolean(),
      protocol: fc.constantFrom(6, 17),
      client: end,
      server: end,
      clientAddress: address,
      serverAddress: address,
      clientPort: fc.nat(65_535),
      serverPort: fc.constantFrom(80, 443),
      icmpType: fc.constant(255),
      serviceNamespace: text,
      serviceName: text,
      servicePort: fc.nat(65_535),
      serverNames: texts,
      verdict: names(FLOW_VERDICTS),
      reason: names(REASONS),
      attribution: names(ATTRIBUTIONS),
      allowedBy: texts,
      deniedBy: texts,
      pending: texts,
      connections: count,
      connectionBasis: names(CONNECTION_BASES),
      bytesForward: fc.maxSafeNat(),
      bytesReverse: count,
      packetsForward: count,
      packetsReverse: count,
      sampling: fc.constantFrom(1, 100),
      l7: text,
      l7Detail: text,
      eventId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
    })
    .map(({ start, length, ...flow }) => ({ ...flow, time: START + start, endTime: START + start + length }));
}

/** Flows at successive offsets of one topic. */
export function positioned(flows: readonly Flow[], topic = 'file:test'): PositionedFlow[] {
  return flows.map((flow, offset) => ({ flow, position: { topic, partition: 0, offset, index: 0 } }));
}

/** A batch of `flows` with the label sets that occur in them. */
export function batchOf(token: string, flows: readonly PositionedFlow[]): Batch {
  const sets = new Set(flows.flatMap(({ flow }) => [flow.client.labels, flow.server.labels]));
  sets.delete(UNKNOWN_LABELS);
  return { token, flows: encodeFlows(flows), rejects: [], labelSets: [...sets], namespaces: [] };
}

/** An address as the engine shows it: IPv4 as `::ffff:10.0.0.1`, what is none as `::`. */
export function storedAddress(text: string): string {
  const version = isIP(text);
  if (version === 4) return `::ffff:${text}`;
  return version === 6 && !text.includes('%') ? text : '::';
}
