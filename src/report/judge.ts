import type { Edge, EdgeEndpoint } from '../model/edge.ts';
import type { Decision, Verdict } from '../model/verdict.ts';
import { type ClassifiedEdge, classify } from './classify.ts';
import { compareEntries } from './order.ts';

/** What the policies say to one edge with these addresses; `''` stands for an address that is not known. */
export type DecideEdge = (edge: Edge, clientAddress: string, serverAddress: string) => Verdict;

/**
 * Every edge judged, worst class first. Verdicts are asked without the addresses of pods first: what is decided without
 * them holds for each of them. Only where an address block cuts through is every observed address asked by itself.
 */
export function judgeEdges(edges: readonly Edge[], decide: DecideEdge): ClassifiedEdge[] {
  return edges.flatMap((edge) => judgeEdge(edge, decide)).sort(compareEntries);
}

function judgeEdge(edge: Edge, decide: DecideEdge): ClassifiedEdge[] {
  const verdict = decide(edge, edge.client.address, edge.server.address);
  if (verdict.decision !== 'uncertain') return classify(edge, verdict);
  return (['passed', 'denied'] as const).flatMap((outcome) => {
    const { passed, denied, unclear, ...rest } = edge;
    const observation = outcome === 'passed' ? passed : denied;
    if (observation === undefined) return [];
    const part: Edge = { ...rest, [outcome]: observation };
    const { verdict: exact, note } = judgeAddresses(edge, outcome, decide, verdict);
    return classify(part, exact, note).map((entry) => ({ ...entry, edge }));
  });
}

interface AddressVerdict {
  readonly client: string;
  readonly server: string;
  readonly verdict: Verdict;
}

/**
 * The verdict for the addresses of one outcome. Where they differ, the answer is the one that contradicts what was
 * observed, because every listed address was observed; but only when one address gives it against every partner, since
 * it is not known which client address met which server address.
 */
function judgeAddresses(
  edge: Edge,
  outcome: 'passed' | 'denied',
  decide: DecideEdge,
  unknown: Verdict,
): { readonly verdict: Verdict; readonly note: string } {
  const clients = addressesOf(edge.client, edge[outcome]?.clientAddresses ?? []);
  const servers = addressesOf(edge.server, edge[outcome]?.serverAddresses ?? []);
  const all: AddressVerdict[] = clients.flatMap((client) =>
    servers.map((server) => ({ client, server, verdict: decide(edge, client, server) })),
  );
  const [first] = all;
  if (first === undefined) return { verdict: unknown, note: '' };
  if (all.every(({ verdict }) => verdict.decision === first.verdict.decision)) {
    return { verdict: first.verdict, note: '' };
  }
  const surprise: Decision = outcome === 'passed' ? 'deny' : 'allow';
  const found = all.find((one) => one.verdict.decision === surprise && holdsForAll(all, one, surprise));
  if (found === undefined) return { verdict: unknown, note: 'it depends on which of the observed addresses met' };
  const addresses = new Set(
    all.filter(({ verdict }) => verdict.decision === surprise).map(addressText(clients, servers)),
  );
  return { verdict: found.verdict, note: `only for ${[...addresses].sort().join(', ')}` };
}

function addressesOf(endpoint: EdgeEndpoint, observed: readonly string[]): readonly string[] {
  if (endpoint.address !== '') return [endpoint.address];
  return observed.length > 0 ? observed : [''];
}

/** Whether the client address, or the server address, of `one` gets this decision whatever the other end is. */
function holdsForAll(all: readonly AddressVerdict[], one: AddressVerdict, decision: Decision): boolean {
  const same = (side: 'client' | 'server') =>
    all.filter((other) => other[side] === one[side]).every(({ verdict }) => verdict.decision === decision);
  return same('client') || same('server');
}

/** The end that varies, or both. */
function addressText(clients: readonly string[], servers: readonly string[]): (pair: AddressVerdict) => string {
  return ({ client, server }) =>
    clients.length === 1 ? server : servers.length === 1 ? client : `${client} → ${server}`;
}
