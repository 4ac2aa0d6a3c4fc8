import type { Learned, OutsidePeer, PolicyPair, PreviousPair, PreviousSide } from '../../model/pair.ts';
import { EVERYTHING } from '../../model/selector.ts';
import { rootField } from '../document/fields.ts';
import { labelSelector } from '../document/selector.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { yamlText } from '../yaml-text.ts';
import { type PreviousRun, readMicropolicies } from './read-micropolicies.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What an earlier run wrote that is in force until a rollout replaces it. */
export interface Predecessor {
  /** Workloads that are isolated, as `namespace/Kind/name`. */
  readonly ingress: ReadonlySet<string>;
  readonly egress: ReadonlySet<string>;
  /** Versions that granted what the present ones do not, by pair. */
  readonly versions: ReadonlyMap<string, PolicyPair>;
  /** The same as they stood in `micropolicies.yaml`. */
  readonly texts: readonly PlainObject[];
}

const NONE: Predecessor = { ingress: new Set(), egress: new Set(), versions: new Map(), texts: [] };

/** Reads from an earlier run what the pairs of this one take away, also where a rollout has begun already. */
export function readPredecessor(before: PreviousRun | undefined, { pairs }: Learned): Predecessor {
  const document = before?.document ?? {};
  // What was only staged is not in force, and a mesh decides at the server alone.
  const { staged, dialect } = fields(document.output);
  if (staged === true) return NONE;
  const denied = fields(document.defaultDeny);
  const started = startedRollout(document);
  const known = new Map(before?.pairs.map((pair) => [pair.id, pair]));
  const versions = new Map<string, PolicyPair>();
  const texts: PlainObject[] = [];
  for (const pair of pairs) {
    const earlier = started.get(pair.id) ?? shrunk(known.get(pair.id), pair);
    if (earlier === undefined) continue;
    versions.set(pair.id, toPair(earlier, pair));
    texts.push(JSON.parse(earlier.json) as PlainObject);
  }
  return {
    ingress: membersOf(denied.ingress),
    egress: dialect === 'istio' ? new Set() : membersOf(denied.egress),
    versions,
    texts,
  };
}

/** What `micropolicies.yaml` says of a rollout that is not finished. */
export function rolloutDocument(canary: string, { texts }: Predecessor): PlainObject {
  return { canary, ...(texts.length > 0 && { kept: texts }) };
}

/** A first number that went up says that something is no longer granted. */
function shrunk(before: PreviousPair | undefined, now: PolicyPair): PreviousPair | undefined {
  return before && major(now.version) > major(before.version) ? before : undefined;
}

function major(version: string): number {
  return Number(version.split('.')[0]);
}

function startedRollout(document: Fields): ReadonlyMap<string, PreviousPair> {
  const kept = fields(document.rollout).kept;
  if (!Array.isArray(kept)) return new Map();
  const { apiVersion, kind } = document;
  const { pairs } = readMicropolicies(yamlText({ apiVersion, kind, pairs: kept }));
  return new Map(pairs.map((pair) => [pair.id, pair]));
}

function toPair(before: PreviousPair, now: PolicyPair): PolicyPair {
  const { version, scope, ports, json } = before;
  const text = fields(JSON.parse(json));
  const side = (own: PreviousSide, written: unknown) => ({
    members: own.members,
    selections: [],
    indistinct: [],
    outside: own.outside.map((peer, index) => withSelector(peer, fields(written).outside, index)),
  });
  const sides = { service: side(before.service, text.service), client: side(before.client, text.client) };
  return { ...now, function: before.function, version, scope, ports, ...sides };
}

function withSelector(peer: OutsidePeer, written: unknown, index: number): OutsidePeer {
  if (peer.peer !== 'pods') return peer;
  const value = fields(Array.isArray(written) ? written[index] : undefined).podSelector;
  const locate = () => ({ file: '', document: 0, line: 0 });
  const selector = labelSelector(rootField({ value, locate }, [])) ?? EVERYTHING;
  return { ...peer, selectors: [selector] };
}

function membersOf(side: unknown): ReadonlySet<string> {
  const { members } = fields(side);
  return new Set(Array.isArray(members) ? members.map(String) : []);
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
