import type { Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import type { EndpointKind } from '../../src/model/enums.ts';
import { LabelInterner, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { PROTOCOL_NUMBERS } from '../../src/model/ports.ts';
import { MONDAY, seen } from './build.ts';

interface End {
  readonly endpoint: EdgeEndpoint;
  readonly addresses: readonly string[];
}

/**
 * Edges written for people, one a line, so that a scenario reads like a story:
 * `shop/web app=web @10.0.0.1 -> shop/cart app=cart TCP/8080 passed=12 denied=3 day=2 unoriented`. An end is
 * `namespace/workload` with its labels (`?` = unknown) and addresses, an address, or the name of a kind (`host`).
 */
export function parseEdges(text: string): Edge[] {
  const interner = new LabelInterner();
  const ends = new Map<string, End>();
  const intern = (words: string): End => {
    const known = ends.get(words) ?? parseEnd(words.split(/\s+/), interner);
    ends.set(words, known);
    return known;
  };
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => parseEdge(line, intern));
}

function parseEdge(line: string, intern: (words: string) => End): Edge {
  const parts = /^(.+?) -> (.+?) (\w+)(?:\/(\d+))?((?: (?:passed|denied|unclear|day|reason)=\S+| unoriented)+)$/.exec(
    line,
  );
  if (!parts) throw new Error(`not an edge: ${line}`);
  const [, from = '', to = '', protocol = '', port = '0', facts = ''] = parts;
  const client = intern(from);
  const server = intern(to);
  const fact = (name: string) => new RegExp(` ${name}=(\\S+)`).exec(facts)?.[1];
  const outcome = (name: string): Partial<Record<string, Observation>> => {
    const flows = fact(name);
    if (flows === undefined) return {};
    const day = Number(fact('day') ?? 0) * 86_400_000;
    const reason = name === 'passed' ? undefined : fact('reason');
    return {
      [name]: seen(Number(flows), {
        firstSeen: MONDAY + day,
        lastSeen: MONDAY + day + 3_600_000,
        clientAddresses: client.addresses,
        serverAddresses: server.addresses,
        reasons: reason === undefined ? [] : [reason as Observation['reasons'][number]],
      }),
    };
  };
  return {
    client: client.endpoint,
    server: server.endpoint,
    protocol: PROTOCOL_NUMBERS[protocol] ?? 0,
    port: Number(port),
    serverNames: [],
    oriented: !facts.includes(' unoriented'),
    ...outcome('passed'),
    ...outcome('denied'),
    ...outcome('unclear'),
  };
}

function parseEnd([name = '', ...facts]: string[], interner: LabelInterner): End {
  const [namespace = '', workload = ''] = name.split('/');
  const nobody = { cluster: 'default', namespace: '', workload: '', workloadKind: '', peer: '', address: '' } as const;
  if (workload === '') {
    const isAddress = /[.:]/.test(name);
    const kind = isAddress ? 'external' : (name as EndpointKind);
    return { endpoint: { ...nobody, kind, labels: UNKNOWN_LABELS, address: isAddress ? name : '' }, addresses: [] };
  }
  const pairs = facts.filter((fact) => fact.includes('=')).map((fact) => fact.split('=') as [string, string]);
  const labels = facts.includes('?') ? UNKNOWN_LABELS : interner.intern(new Map(pairs));
  const addresses = facts.filter((fact) => fact.startsWith('@')).flatMap((fact) => fact.slice(1).split(','));
  return { endpoint: { ...nobody, kind: 'pod', namespace, workload, workloadKind: 'Deployment', labels }, addresses };
}
