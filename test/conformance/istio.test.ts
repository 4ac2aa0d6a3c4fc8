import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readPolicies } from '../../src/dialects/read.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import { inventory, outside, pod } from '../evaluate/harness.ts';
import { describeOutside } from '../helpers/outside-data.ts';
import { Tally } from './corpus.ts';

const FOLDER = 'policies/istio__istio/pilot/pkg/serviceregistry/ambient/testdata';

/** What istiod makes of a policy for ztunnel: groups must all hold one of their matches (istio/ztunnel src/rbac.rs). */
interface Translated {
  readonly action?: 'DENY';
  readonly namespace?: string;
  readonly groups: readonly { readonly rules: readonly { readonly matches: readonly Match[] }[] }[];
}
type Words = readonly { readonly exact?: string; readonly prefix?: string; readonly suffix?: string }[];
type Blocks = readonly { readonly address: string; readonly length: number }[];
type Accounts = readonly { readonly namespace: string; readonly serviceAccount: string }[];
type Match = Partial<Record<string, unknown>>;

interface Connection {
  readonly principal: string;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
}

const NAMESPACE = /(?:^|\/)ns\/([^/]+)\/sa\/([^/]+)$/;

function word(text: string): (one: Words[number]) => boolean {
  return ({ exact, prefix, suffix }) => {
    if (exact !== undefined) return text === exact;
    if (prefix !== undefined) return text !== '' && text.startsWith(prefix);
    return suffix === undefined ? text !== '' : text.endsWith(suffix);
  };
}

function inBlock(address: string): (block: Blocks[number]) => boolean {
  const bits = (bytes: readonly number[]) => bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (block) =>
    bits(address.split('.').map(Number)).startsWith(
      bits([...Buffer.from(block.address, 'base64')]).slice(0, block.length),
    );
}

/** The fields of a match, positive and negative, each with the test of one of its values. */
function matches(match: Match, { principal, source, destination, port }: Connection): boolean {
  const [, namespace = '', account = ''] = NAMESPACE.exec(principal) ?? [];
  const tests: [string, string, (value: never) => boolean][] = [
    ['principals', 'notPrincipals', word(principal)],
    ['namespaces', 'notNamespaces', word(namespace)],
    [
      'serviceAccounts',
      'notServiceAccounts',
      (one: Accounts[number]) => one.namespace === namespace && one.serviceAccount === account,
    ],
    ['sourceIps', 'notSourceIps', inBlock(source)],
    ['destinationIps', 'notDestinationIps', inBlock(destination)],
    ['destinationPorts', 'notDestinationPorts', (one: number) => one === port],
  ];
  const asked = tests.flatMap(([yes, no]) => [match[yes], match[no]]).some((values) => values !== undefined);
  return (
    asked &&
    tests.every(([yes, no, holds]) => {
      const [positive, negative] = [match[yes], match[no]] as [never[] | undefined, never[] | undefined];
      return (positive?.some(holds) ?? true) && !(negative?.some(holds) ?? false);
    })
  );
}

function decision({ action, groups }: Translated, connection: Connection): string {
  const matched = groups.some(({ rules }) =>
    rules.every((rule) => rule.matches.some((match) => matches(match, connection))),
  );
  return matched === (action === 'DENY') ? 'deny' : 'allow';
}

const PRINCIPALS = [
  '',
  'principal',
  'principal-prefix-a',
  'only-l4-principals',
  'from-mix-principal',
  'cluster.local/ns/ns/sa/sa',
  'cluster.local/ns/cfg/sa/sa-only',
  'cluster.local/ns/ns-prefix-a/sa/a',
  'cluster.local/ns/not-ns/sa/a',
  'cluster.local/ns/when-l4-ns/sa/a',
  'only-l4-principals/ns/only-l4-ns/sa/a',
];
const CONNECTIONS = PRINCIPALS.flatMap((principal) =>
  ['1.2.3.4', '5.6.7.8', '2.2.3.4', '10.10.10.10', '90.10.10.10', '20.20.20.20'].flatMap((source) =>
    ['10.10.10.10', '90.10.10.10', '172.16.0.1'].flatMap((destination) =>
      [80, 90, 91, 800, 8080, 9001, 9090].map((port): Connection => ({ principal, source, destination, port })),
    ),
  ),
);

describeOutside('istio ambient', FOLDER, (folder) => {
  const tally = new Tally();
  const names = readdirSync(folder).flatMap((file) => (file.endsWith('-in.yaml') ? [file.slice(0, -8)] : []));
  test.each(names)('%s', (name) => {
    const translated = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as Translated | null;
    const text = readFileSync(join(folder, `${name}-in.yaml`), 'utf8');
    const { policySet, findings } = readPolicies([{ name, text }], { mesh: 'ztunnel' });
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    // Plain STRICT is no policy of its own there, but a property of the workload.
    if (translated === null) return;
    const compiled = compile(policySet, inventory({}));
    const server = pod(`${translated.namespace ?? 'default'}/a`, 'app=a');
    const before = tally.agree;
    for (const connection of CONNECTIONS) {
      const { principal, source, destination, port } = connection;
      const verdict = decide(compiled, {
        client: outside('external', source),
        server,
        protocol: 6,
        port,
        clientPrincipal: principal === '' ? '' : `spiffe://${principal}`,
        serverAddresses: [destination],
      });
      tally.count(`${name} ${JSON.stringify(connection)}`, verdict.decision, decision(translated, connection));
    }
    expect(tally.differences).toEqual([]);
    expect(tally.agree).toBeGreaterThan(before);
  });
  test('agreement', () => {
    tally.print('istio ambient');
    expect(tally.agree).toBe(tally.total);
    expect(tally.total).toBe(22_176);
  });
});
