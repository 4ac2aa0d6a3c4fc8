import { parse } from 'yaml';
import { ENDPOINT_KINDS, type EndpointKind } from '../model/enums.ts';
import type { OutsidePeer, PairPort, PreviousPair, PreviousSide, WorkloadRef } from '../model/pair.ts';
import { PROTOCOL_NUMBERS } from '../model/ports.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Lines of comment that people wrote into pairs, by the id of the pair. */
export type PairComments = ReadonlyMap<string, readonly string[]>;

/** What the next run takes over from a `micropolicies.yaml`; undefined when the text is none. */
export function readMicropolicies(
  text: string,
): { readonly pairs: readonly PreviousPair[]; readonly comments: PairComments } | undefined {
  const document = fields(parseQuietly(text));
  if (document.kind !== 'Micropolicies') return undefined;
  const pairs = [...list(document.pairs), ...list(document.rejected)].map((pair) => readPair(fields(pair)));
  return { pairs: pairs.filter(({ id }) => id !== ''), comments: readComments(text) };
}

function parseQuietly(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function readPair(pair: Fields): PreviousPair {
  const evidence = fields(pair.evidence);
  const decision = pair.decision === 'approved' || pair.decision === 'rejected' ? pair.decision : '';
  return {
    ...{ id: word(pair.id), version: word(pair.version) || '1.0.0', function: word(pair.function), decision },
    ...{ ports: list(pair.ports).map(readPort), service: readSide(pair.service), client: readSide(pair.client) },
    ...{ firstSeen: time(evidence.firstSeen), lastSeen: time(evidence.lastSeen), days: Number(evidence.days ?? 0) },
    unused: list(pair.unused).map((item) => readUnused(fields(item))),
    note: word(pair.note),
    words: wordsOf(pair),
    json: JSON.stringify(pair),
  };
}

/** Everything of a pair's document that says what is enforced, as one text. */
export function wordsOf(pair: Fields): string {
  const { function: name, label, kind, ports, service, client } = pair;
  return JSON.stringify({ name, label, kind, ports, service, client });
}

function readPort(value: unknown): PairPort {
  const { protocol, port, implied } = fields(value);
  return { protocol: numberOf(word(protocol)), port: Number(port), implied: implied === true };
}

function numberOf(protocol: string): number {
  return PROTOCOL_NUMBERS[protocol] ?? Number(protocol);
}

function readSide(value: unknown): PreviousSide {
  const { members, outside } = fields(value);
  return {
    members: refs(members),
    outside: list(outside).map((peer) => readPeer(fields(peer))),
  };
}

function refs(ids: unknown): WorkloadRef[] {
  return list(ids).map((id) => readRef(word(id)));
}

function readRef(id: string): WorkloadRef {
  const [namespace = '', kind = '', name = ''] = id.split('/');
  return { namespace, kind, name };
}

function readPeer(peer: Fields): OutsidePeer {
  const what = word(peer.what);
  if (peer.cidrs === undefined)
    return { peer: 'pods', what, members: refs(peer.members), namespace: word(peer.namespace), selectors: [] };
  const kind = Object.hasOwn(ENDPOINT_KINDS, word(peer.kind)) ? (word(peer.kind) as EndpointKind) : 'external';
  return { peer: 'addresses', what, kind, cidrs: list(peer.cidrs).map(word), except: list(peer.except).map(word) };
}

function readUnused(item: Fields): PreviousPair['unused'][number] {
  const ends = { client: word(item.client), server: word(item.server) };
  const door = { protocol: numberOf(word(item.protocol)), port: Number(item.port) };
  return {
    ...ends,
    ...door,
    lastSeen: time(item.lastSeen),
    expired: item.expired === true,
    remove: item.remove === true,
  };
}

/** Whole lines of comment inside the block of a pair, or right above it. */
function readComments(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let waiting: string[] = [];
  let id: string | undefined;
  for (const line of text.split('\n').slice(1)) {
    const start = /^ *- id: (\S+)/.exec(line);
    if (start) {
      id = start[1] ?? '';
      if (waiting.length > 0) found.set(id, waiting);
      waiting = [];
    } else if (/^\s*#/.test(line)) {
      waiting.push(line.trim());
    } else if (waiting.length > 0 && id !== undefined) {
      found.set(id, [...(found.get(id) ?? []), ...waiting]);
      waiting = [];
    }
  }
  return found;
}

/** Puts comments back above their pairs. */
export function withComments(text: string, comments: PairComments): string {
  if (comments.size === 0) return text;
  const lines = text.split('\n').flatMap((line) => {
    const own = comments.get(/^ *- id: (\S+)/.exec(line)?.[1] ?? '') ?? [];
    return [...own, line];
  });
  return lines.join('\n');
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function time(value: unknown): number {
  const parsed = Date.parse(word(value));
  return Number.isNaN(parsed) ? 0 : parsed;
}
