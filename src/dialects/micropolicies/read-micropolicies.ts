import { ENDPOINT_KINDS, type EndpointKind } from '../../model/enums.ts';
import type { Finding } from '../../model/finding.ts';
import type {
  DecisionDetails,
  LinkDecision,
  OutsidePeer,
  PreviousIsolation,
  PreviousPair,
  PreviousSide,
  WorkloadRef,
} from '../../model/pair.ts';
import { PROTOCOL_NUMBERS } from '../../model/ports.ts';
import { readChecked } from './checked-yaml.ts';
import type { AskedForm } from './form.ts';
import { GENERATED, wordsOf } from './micropolicies.ts';
import { readStoredSelectors } from './read-stored-selectors.ts';
import { MICROPOLICIES, type MicropoliciesFields, type PairFields } from './schema.ts';
import { commentsOf, type LinedYaml, type YamlComment } from './yaml-comments.ts';

/** Comments that people wrote into `micropolicies.yaml`. */
export type PairComments = readonly YamlComment[];

/** What the next run takes over from a `micropolicies.yaml`. */
export interface PreviousRun {
  readonly pairs: readonly PreviousPair[];
  readonly links: readonly LinkDecision[];
  readonly isolated: PreviousIsolation;
  readonly comments: PairComments;
  /** The form of its policies; absent: NetworkPolicies. */
  readonly output?: AskedForm | undefined;
  /** The whole document as plain data. */
  readonly document: Readonly<Record<string, unknown>>;
  /** What a person has to correct first; nothing is taken over while there is any. */
  readonly findings: readonly Finding[];
}

/** Reads what an earlier run wrote, with what people changed in it. `file` is its name in findings. */
export function readMicropolicies(text: string, file = 'micropolicies.yaml'): PreviousRun {
  const checked = readChecked({ text, file, remedy: REMEDY }, MICROPOLICIES, EDITABLE);
  if ('findings' in checked) return { ...NOTHING, findings: checked.findings };
  const doubles = findDoubles(checked.value);
  if (doubles.length > 0)
    return { ...NOTHING, findings: doubles.map(({ message, path }) => checked.report(message, path)) };
  return takeOver(checked.value, checked.yaml);
}

const REMEDY = 'Correct it, or restore the file from Git: names and decisions live in it.';

/** Fields that people write. */
const EDITABLE = [
  'function',
  'decision',
  'reason',
  'by',
  'note',
  'remove',
  'keep',
  'members',
  'ports',
  'port',
  'cidrs',
];

const NOTHING: PreviousRun = {
  ...{ pairs: [], links: [], isolated: { ingress: [], egress: [] } },
  ...{ comments: [], document: {}, findings: [] },
};

function takeOver(data: MicropoliciesFields, yaml: LinedYaml): PreviousRun {
  const raw = yaml.document.toJS() as { readonly pairs: readonly object[]; readonly rejected?: readonly object[] };
  const fields = [...data.pairs, ...(data.rejected ?? [])];
  const originals = [...raw.pairs, ...(raw.rejected ?? [])];
  return {
    pairs: fields.map((pair, i) => readPair(pair, originals[i] ?? {})),
    links: (data.links ?? []).map(readLink),
    isolated: { ingress: data.defaultDeny?.ingress?.members ?? [], egress: data.defaultDeny?.egress?.members ?? [] },
    output: data.output,
    comments: commentsOf(yaml, (comment) => comment.startsWith(GENERATED)),
    document: raw as unknown as Readonly<Record<string, unknown>>,
    findings: [],
  };
}

/** Ids are keys, and so are names of what is granted. */
function findDoubles({ pairs, rejected = [] }: MicropoliciesFields): { message: string; path: (string | number)[] }[] {
  const seen = new Set<string>();
  const lists = [
    ['pairs', pairs],
    ['rejected', rejected],
  ] as const;
  return lists.flatMap(([list, own]) =>
    own.flatMap((pair, i) =>
      (['id', 'function'] as const).flatMap((field) => {
        const key = `${field} ${pair[field]}`;
        if (field === 'function' && pair.decision === 'rejected') return [];
        if (!seen.has(key)) {
          seen.add(key);
          return [];
        }
        return [{ message: `${list}[${i}].${field}: ${pair[field]} is that of another pair`, path: [list, i, field] }];
      }),
    ),
  );
}

function readPair(pair: PairFields, original: object): PreviousPair {
  const { scope, evidence = {}, decision = '', unused = [] } = pair;
  return {
    ...{ id: pair.id, version: pair.version, function: pair.function, decision, details: detailsOf(pair) },
    ...(scope && { scope: scope.map(({ namespace }) => namespace) }),
    ports: pair.ports.map(({ protocol, port, implied }) => ({
      ...{ protocol: numberOf(protocol), port, implied: implied === true },
    })),
    ...{ service: readSide(pair.service), client: readSide(pair.client) },
    ...{ firstSeen: time(evidence.firstSeen), lastSeen: time(evidence.lastSeen), days: evidence.days ?? 0 },
    unused: unused.map(({ client, server, protocol, port, lastSeen, expired, remove, keep }) => ({
      ...{ client, server, protocol: numberOf(protocol), port, lastSeen: time(lastSeen) },
      ...{ expired: expired === true, remove: remove === true, ...(keep === true && { keep }) },
    })),
    note: pair.note ?? '',
    words: wordsOf(original),
    json: JSON.stringify(original),
  };
}

function readLink(link: NonNullable<MicropoliciesFields['links']>[number]): LinkDecision {
  const { client, server, protocol, port, decision } = link;
  return { client, server, protocol: numberOf(protocol), port, decision, ...detailsOf(link) };
}

type DetailFields = Pick<PairFields, 'reason' | 'by' | 'decidedVersion'>;

function detailsOf({ reason, by, decidedVersion }: DetailFields): DecisionDetails {
  return {
    ...(reason !== undefined && { reason }),
    ...(by !== undefined && { by }),
    ...(decidedVersion !== undefined && { version: decidedVersion }),
  };
}

function numberOf(protocol: string): number {
  return PROTOCOL_NUMBERS[protocol] ?? Number(protocol);
}

function readSide({ members, selectors, beyond = [], outside = [] }: PairFields['service']): PreviousSide {
  const selections = readStoredSelectors(selectors);
  return { members: members.map(readRef), selections, beyond: beyond.map(readRef), outside: outside.map(readPeer) };
}

function readRef(id: string): WorkloadRef {
  const [namespace = '', kind = '', name = ''] = id.split('/');
  return { namespace, kind, name };
}

type PeerFields = NonNullable<PairFields['service']['outside']>[number];

function readPeer(fields: PeerFields): OutsidePeer {
  const { what, members = [], namespace = '', kind = '', cidrs, except = [], within } = fields;
  if (cidrs === undefined) return { peer: 'pods', what, members: members.map(readRef), namespace, selectors: [] };
  const known = Object.hasOwn(ENDPOINT_KINDS, kind) ? (kind as EndpointKind) : 'external';
  return { peer: 'addresses', what, kind: known, cidrs, except, ...(within !== undefined && { within }) };
}

function time(value: string | undefined): number {
  return value === undefined ? 0 : Date.parse(value);
}
