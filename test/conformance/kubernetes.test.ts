import { expect, test } from 'vitest';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { PolicySet } from '../../src/model/policy.ts';
import { describeCorpus, Tally } from './corpus.ts';
import { inventoryOf, type Pod, PROTOCOLS, podEndpoint, selfEvaluated } from './pods.ts';

type Labels = Readonly<Record<string, string>>;

interface CyclonusCase {
  readonly id: string;
  readonly steps: readonly {
    readonly step: number;
    readonly policies: string;
    readonly namespaces: Readonly<Record<string, Labels>>;
    readonly pods: readonly Pod[];
    /** `TCP/80` → client → server → `EI`, with `-` for a side that denies. */
    readonly verdicts: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
  }[];
}

/** Decides one packet between pods of a step and gives the decision of each side. */
function probe(set: PolicySet, pods: readonly Pod[], namespaces: Readonly<Record<string, Labels>>) {
  const compiled = compile(set, inventoryOf(pods, namespaces));
  const byName = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, { pod, endpoint: podEndpoint(pod) }]));
  return (client: string, server: string, service: { readonly protocol: string; readonly port: number }) => {
    const [from, to] = [byName.get(client), byName.get(server)];
    if (from === undefined || to === undefined) throw new Error(`no pod ${client} or ${server}`);
    return decide(compiled, {
      client: from.endpoint,
      server: to.endpoint,
      protocol: PROTOCOLS[service.protocol] ?? 0,
      port: service.port,
      clientAddresses: [from.pod.ip],
      serverAddresses: [to.pod.ip],
    });
  };
}

describeCorpus('cyclonus', 'mattfenwick__cyclonus/derived-generated-cases', (corpus) => {
  test('both sides of every generated case agree', { timeout: 120_000 }, () => {
    const tally = new Tally();
    for (const { id, steps } of corpus.json<CyclonusCase[]>('cases.json')) {
      for (const { step, policies, pods, namespaces, verdicts } of steps) {
        const ask = probe(selfEvaluated(corpus.policies(policies)), pods, withoutNameLabel(namespaces));
        for (const [service, clients] of Object.entries(verdicts)) {
          const [protocol = '', port = ''] = service.split('/');
          for (const [client, servers] of Object.entries(clients)) {
            for (const [server, expected] of Object.entries(servers)) {
              const { egress, ingress } = ask(client, server, { protocol, port: Number(port) });
              const actual = `${shortly(egress.decision, 'E')}${shortly(ingress.decision, 'I')}`;
              tally.count(`${id} step ${step} ${client} → ${server} ${service}`, actual, expected);
            }
          }
        }
      }
    }
    tally.print('cyclonus');
    expect(tally.differences).toEqual([]);
    expect(tally.total).toBe(124_884);
  });
});

/** The corpus' namespaces lack the name label that every API server adds and the evaluator takes for granted. */
function withoutNameLabel(namespaces: Readonly<Record<string, Labels>>): Record<string, Labels> {
  const unnamed = { 'kubernetes.io/metadata.name': '' };
  return Object.fromEntries(Object.entries(namespaces).map(([name, labels]) => [name, { ...unnamed, ...labels }]));
}

function shortly(decision: string, letter: string): string {
  return decision === 'allow' ? letter : decision === 'deny' ? '-' : '?';
}

interface EndToEnd {
  readonly cases: readonly {
    readonly id: string;
    readonly steps: readonly {
      readonly step: number;
      readonly policies: string;
      readonly namespaceLabels: Readonly<Record<string, Labels>>;
      readonly pods: readonly Pod[];
      readonly probes: readonly {
        readonly port: number;
        readonly protocol: string;
        readonly expected: Readonly<Record<string, boolean>>;
      }[];
    }[];
  }[];
}

describeCorpus('Kubernetes end-to-end suite', 'kubernetes__kubernetes/derived-e2e-netpol', (corpus) => {
  test('every reachability probe agrees', () => {
    const tally = new Tally();
    for (const { id, steps } of corpus.json<EndToEnd>('cases.json').cases) {
      for (const { step, policies, pods, namespaceLabels, probes } of steps) {
        const ask = probe(corpus.policies(policies), pods, namespaceLabels);
        for (const { port, protocol, expected } of probes) {
          for (const [pair, reachable] of Object.entries(expected)) {
            const [client = '', server = ''] = pair.split('->');
            const actual = ask(client, server, { protocol, port }).decision === 'allow';
            tally.count(`${id} step ${step} ${pair} ${protocol}/${port}`, actual, reachable);
          }
        }
      }
    }
    tally.print('Kubernetes e2e');
    expect(tally.differences).toEqual([]);
    expect(tally.total).toBe(506);
  });
});

type RecipeEnd =
  | { readonly ns: string; readonly labels: Labels; readonly nsLabels: Labels }
  | { readonly external: string };

interface Recipe {
  readonly policy: string;
  readonly src: RecipeEnd;
  readonly dst: RecipeEnd;
  readonly port: number;
  readonly protocol: string;
  /** What the API says; in a disputed case the recipe's text says otherwise. */
  readonly allowed: boolean;
  readonly disputed?: string;
}

function recipeEndpoint(end: RecipeEnd, name: string): EdgeEndpoint {
  if (!('external' in end)) return podEndpoint({ namespace: end.ns, name, ip: '', labels: end.labels });
  return { ...podEndpoint({ namespace: '', name: '', ip: '', labels: {} }), kind: 'external', address: end.external };
}

describeCorpus('network policy recipes', 'ahmetb__kubernetes-network-policy-recipes', (corpus) => {
  test('every "try it out" agrees, the disputed one with the API', () => {
    const tally = new Tally();
    const disputed: string[] = [];
    for (const { policy, src, dst, port, protocol, allowed, disputed: why } of corpus.json<Recipe[]>(
      'expectations.json',
    )) {
      const namespaces = [src, dst].flatMap((end) => ('ns' in end ? [[end.ns, end.nsLabels] as const] : []));
      const compiled = compile(corpus.policies(policy), inventoryOf([], Object.fromEntries(namespaces)));
      const [client, server] = [recipeEndpoint(src, 'client'), recipeEndpoint(dst, 'server')];
      const verdict = decide(compiled, { client, server, protocol: PROTOCOLS[protocol] ?? 0, port });
      tally.count(`${policy} ${protocol}/${port}`, verdict.decision, allowed ? 'allow' : 'deny');
      if (why !== undefined) disputed.push(`${policy}: ${why}`);
    }
    tally.print(`recipes (disputed: ${disputed.join('; ')})`);
    expect(tally.differences).toEqual([]);
    expect(tally.total).toBe(31);
    expect(disputed).toHaveLength(1);
  });
});
