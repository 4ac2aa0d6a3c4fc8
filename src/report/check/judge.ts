import { edgeTraffic, type Traffic } from '../../evaluate/match/traffic.ts';
import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import type { Decision, Verdict } from '../../model/verdict.ts';
import { type ClassifiedEdge, classify, type Outcome } from './classify.ts';
import { sortEntries } from './order.ts';

/** What the policies say; `decide` of a compiled policy set. */
export type Decide = (traffic: Traffic) => Verdict;

/** Every edge judged, what passed and what was denied apart, worst class first. */
export function judgeEdges(edges: readonly Edge[], decide: Decide): ClassifiedEdge[] {
  const outcomes = ['passed', 'denied'] as const;
  return sortEntries(edges.flatMap((edge) => outcomes.flatMap((outcome) => judge(edge, outcome, decide) ?? [])));
}

/** All observed addresses are asked about together; only where a block of addresses cuts between them, each by itself. */
function judge(edge: Edge, outcome: Outcome, decide: Decide): ClassifiedEdge | undefined {
  const observation = edge[outcome];
  if (observation === undefined) return undefined;
  const traffic = edgeTraffic(edge, observation);
  const verdict = decide(traffic);
  const clients = addressesOf(edge.client, observation.clientAddresses);
  const servers = addressesOf(edge.server, observation.serverAddresses);
  if (verdict.decision !== 'uncertain' || clients.length * servers.length === 1) {
    return classify(edge, outcome, { verdict, note: '' });
  }
  const pairs = clients.flatMap((client) =>
    servers.map((server) => {
      const exact = { ...traffic, clientAddresses: [client], serverAddresses: [server] };
      return { client, server, verdict: decide(exact) };
    }),
  );
  return classify(edge, outcome, judgeAddresses(pairs, outcome, verdict));
}

/** What stands for the end; an end without known addresses stays one end of unknown address. */
function addressesOf(endpoint: EdgeEndpoint, observed: readonly string[]): readonly string[] {
  return endpoint.address === '' && observed.length > 1 ? observed : [endpoint.address || (observed[0] ?? '')];
}

interface AddressVerdict {
  readonly client: string;
  readonly server: string;
  readonly verdict: Verdict;
}

/**
 * Where addresses differ, the answer is the one that contradicts what was observed, because every listed address was
 * observed; but only when one address gives it against every partner, since it is not known who met whom.
 */
function judgeAddresses(pairs: readonly AddressVerdict[], outcome: Outcome, together: Verdict) {
  const surprise: Decision = outcome === 'passed' ? 'deny' : 'allow';
  const surprising = pairs.filter(({ verdict }) => verdict.decision === surprise);
  const sure = surprising.find((pair) => holdsForAll(pairs, pair, surprise));
  if (sure !== undefined) {
    const varies = { client: differs(pairs, 'client'), server: differs(pairs, 'server') };
    const addresses = [...new Set(surprising.map((pair) => addressText(pair, varies)))].sort();
    const all = surprising.length === pairs.length;
    return { verdict: sure.verdict, note: all ? '' : `only for ${addresses.join(', ')}` };
  }
  const [first] = pairs;
  const agreed = first !== undefined && pairs.every(({ verdict }) => verdict.decision === first.verdict.decision);
  if (agreed) return { verdict: first.verdict, note: '' };
  return { verdict: together, note: 'it depends on which of the observed addresses met' };
}

/** Whether the client address, or the server address, of `one` gets this decision whatever the other end is. */
function holdsForAll(pairs: readonly AddressVerdict[], one: AddressVerdict, decision: Decision): boolean {
  const same = (end: 'client' | 'server') =>
    pairs.filter((other) => other[end] === one[end]).every(({ verdict }) => verdict.decision === decision);
  return same('client') || same('server');
}

function differs(pairs: readonly AddressVerdict[], end: 'client' | 'server'): boolean {
  return pairs.some((pair) => pair[end] !== pairs[0]?.[end]);
}

/** The end that varies, or both. */
function addressText(pair: AddressVerdict, varies: { readonly client: boolean; readonly server: boolean }): string {
  if (varies.client && varies.server) return `${pair.client} → ${pair.server}`;
  return varies.client ? pair.client : pair.server;
}
