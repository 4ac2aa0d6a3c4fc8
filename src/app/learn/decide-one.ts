import type { PlainObject } from '../../dialects/kubernetes/write.ts';
import { renderDecidedLink, renderDetails } from '../../dialects/micropolicies/micropolicies.ts';
import { canApprove } from '../../learn/trust/link-decisions.ts';
import type { DecisionDetails } from '../../model/pair.ts';
import { PROTOCOL_NUMBERS } from '../../model/ports.ts';
import { Failure } from '../../util/failure.ts';
import { nearest } from '../../util/nearest.ts';
import { MICROPOLICIES_FILE } from '../policies/read-policy-files.ts';

export interface DecideRequest {
  /** Folder of an earlier run. */
  readonly folder: string;
  readonly decision: 'approved' | 'rejected';
  /** Pairs by name or id, held-back links and removals by id. */
  readonly names: readonly string[];
  readonly details: Pick<DecisionDetails, 'reason' | 'by'>;
}

/** `micropolicies.yaml` as far as decisions touch it; a valid one has these fields. */
export interface DecidedFields {
  readonly pairs: readonly PairFields[];
  readonly rejected?: readonly PairFields[];
  readonly links?: readonly LinkFields[];
  readonly leftOut?: {
    readonly heldBack?: readonly { readonly rule: string; readonly links: readonly LinkFields[] }[];
  };
}

interface PairFields extends PlainObject {
  readonly id: string;
  readonly function: string;
  readonly version: string;
  readonly ports: readonly (PlainObject & { readonly port: number })[];
  readonly service: PlainObject & { readonly outside?: readonly PlainObject[] };
  readonly unused?: readonly GrantFields[];
}

interface GrantFields extends PlainObject {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  readonly protocol: string;
  readonly port: number;
}

type LinkFields = GrantFields;

/** A document with one decision more, and the sentence that tells of it. */
export interface Decided {
  readonly document: DecidedFields;
  readonly line: string;
}

/** Records one decision; `name` is that of a pair, or the id of a pair, link or removal. */
export function decideOne(document: DecidedFields, name: string, request: DecideRequest): Decided {
  if (/^link-[0-9a-f]{8}$/.test(name)) return decideLink(document, name, request);
  if (/^removal-[0-9a-f]{8}$/.test(name)) return decideRemoval(document, name, request);
  const isMeant = ({ id, function: own }: PairFields): boolean => id === name || own === name;
  const pair = document.pairs.find(isMeant) ?? document.rejected?.find(isMeant);
  if (!pair) throw unknownName(document, name, request.folder);
  if (request.decision === 'rejected' && isClusterDns(pair))
    throw new Failure(
      'input',
      `${pair.function} cannot be rejected: whoever is isolated may resolve names`,
      'Remove its policies by hand where a workload shall not even do that.',
    );
  const decide = (one: PairFields): PairFields => (one.id === pair.id ? decidedPair(one, request) : one);
  const { pairs, rejected } = document;
  return {
    document: { ...document, pairs: pairs.map(decide), ...(rejected && { rejected: rejected.map(decide) }) },
    line: `${pair.function} ${pair.version} is ${request.decision}`,
  };
}

/** Name servers outside the cluster are functions like any other. */
function isClusterDns({ ports, service }: PairFields): boolean {
  return ports.every(({ port }) => port === 53 || port === 5353) && !service.outside?.some(({ cidrs }) => cidrs);
}

/** Decision and details stand last but for the note, as `learn` writes them. */
function decidedPair(pair: PairFields, { decision, details }: DecideRequest): PairFields {
  const { decision: _, reason: __, by: ___, decidedVersion: ____, note, ...rest } = pair;
  const told = renderDetails({ ...details, version: pair.version });
  return { ...(rest as PairFields), decision, ...told, ...(note !== undefined && { note }) };
}

/** A link that is held back, or one that was decided on before. */
function decideLink(document: DecidedFields, name: string, { decision, details, folder }: DecideRequest): Decided {
  const groups = document.leftOut?.heldBack ?? [];
  const group = groups.find(({ links }) => links.some(({ id }) => id === name));
  const link = group?.links.find(({ id }) => id === name) ?? document.links?.find(({ id }) => id === name);
  if (!link) throw unknownName(document, name, folder);
  const { client, server, protocol, port } = link;
  const ends = `${client} → ${server} ${protocol}/${port}`;
  const known = document.links?.some(({ id }) => id === name);
  if (decision === 'approved' && group && !known && !canApprove(group.rule))
    throw new Failure(
      'input',
      `${name} (${ends}) cannot be approved: it is held back as ${group.rule}`,
      group.rule === 'rejected'
        ? 'Approve the function that serves it.'
        : 'Nothing shows who called whom successfully; add the client to the members of a pair by hand if it is meant.',
    );
  const number = PROTOCOL_NUMBERS[protocol] ?? Number(protocol);
  const entry = renderDecidedLink({ client, server, protocol: number, port, decision, ...details });
  const others = (document.links ?? []).filter(({ id }) => id !== name);
  const links = [...others, entry as unknown as LinkFields];
  return { document: withLinks(document, links), line: `${name} (${ends}) is ${decision}` };
}

/** `links` stands where `learn` writes it: behind the pairs. */
function withLinks(document: DecidedFields, links: readonly LinkFields[]): DecidedFields {
  const {
    apiVersion,
    kind,
    cluster,
    mode,
    window,
    pairs,
    rejected,
    links: _,
    ...rest
  } = document as DecidedFields & PlainObject;
  const head = { apiVersion, kind, cluster, mode, window, pairs, ...(rejected && { rejected }) };
  return { ...head, links, ...rest } as unknown as DecidedFields;
}

/** Approved: the next run lets the grant go. Rejected: it stays, and is not proposed for removal again. */
function decideRemoval(document: DecidedFields, name: string, { decision, folder }: DecideRequest): Decided {
  const pair = document.pairs.find(({ unused = [] }) => unused.some(({ id }) => id === name));
  const grant = pair?.unused?.find(({ id }) => id === name);
  if (!pair || !grant) throw unknownName(document, name, folder);
  const decide = (one: GrantFields): GrantFields => {
    if (one.id !== name) return one;
    const { remove: _, keep: __, ...rest } = one;
    return { ...(rest as GrantFields), ...(decision === 'approved' ? { remove: true } : { keep: true }) };
  };
  const pairs = document.pairs.map((one) => (one === pair ? { ...one, unused: one.unused?.map(decide) ?? [] } : one));
  const what = `${grant.client} → ${grant.server} ${grant.protocol}/${grant.port} of ${pair.function}`;
  return {
    document: { ...document, pairs },
    line: decision === 'approved' ? `${name}: ${what} goes with the next run` : `${name}: ${what} stays`,
  };
}

function unknownName({ pairs, rejected = [], leftOut }: DecidedFields, name: string, folder: string): Failure {
  const functions = [...pairs, ...rejected].map((pair) => pair.function);
  const links = leftOut?.heldBack?.flatMap((group) => group.links.map(({ id }) => id)) ?? [];
  const removals = pairs.flatMap(({ unused = [] }) => unused.map(({ id }) => id));
  const similar = nearest(name, [...functions, ...links, ...removals]);
  return new Failure(
    'input',
    `${folder}/${MICROPOLICIES_FILE} knows no pair, link or removal called ${name}`,
    similar === undefined ? 'Names and ids stand in that file.' : `Did you mean ${similar}? Nothing was recorded.`,
  );
}
