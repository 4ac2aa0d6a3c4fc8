import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import { formatLocation } from '../../src/model/finding.ts';

const HEAD = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: shop}\n';

function read(text: string) {
  return readPolicies([{ name: 'web.yaml', text }]);
}

function complaints(text: string): string[] {
  return read(text).findings.map(({ rule, message, location }) => `${rule} ${formatLocation(location)} ${message}`);
}

/** A document with one ingress rule, on line 4. */
function rule(text: string): string {
  return `${HEAD}spec: {ingress: [${text}]}\n`;
}

describe('reading NetworkPolicy', () => {
  test.each([
    ['unknown fields, with the nearest known one', `${HEAD}spec:\n  podSelctor: {}\n`, 'unknown-field web.yaml:5'],
    ['wrong types', `${HEAD}spec: {podSelector: []}\n`, 'wrong-type web.yaml:4'],
    [
      'a missing name',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {}\n',
      'missing-field web.yaml:3',
    ],
    ['a bad name', HEAD.replace('web', 'Web_1'), 'bad-name web.yaml:3'],
    ['bad label keys', `${HEAD}spec: {podSelector: {matchLabels: {"-x": y}}}\n`, 'bad-label web.yaml:4'],
    ['bad label values', `${HEAD}spec: {podSelector: {matchLabels: {x: "a b"}}}\n`, 'bad-label web.yaml:4'],
    ['labels that are numbers', `${HEAD}spec: {podSelector: {matchLabels: {x: 1}}}\n`, 'wrong-type web.yaml:4'],
    [
      'unknown operators',
      `${HEAD}spec: {podSelector: {matchExpressions: [{key: a, operator: in}]}}\n`,
      'unknown-value web.yaml:4',
    ],
    [
      'In without values',
      `${HEAD}spec: {podSelector: {matchExpressions: [{key: a, operator: In}]}}\n`,
      'bad-selector web.yaml:4',
    ],
    [
      'Exists with values',
      `${HEAD}spec: {podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}\n`,
      'bad-selector web.yaml:4',
    ],
    ['unknown policyTypes', `${HEAD}spec: {policyTypes: [ingress]}\n`, 'unknown-value web.yaml:4'],
    ['K4: three policyTypes', `${HEAD}spec: {policyTypes: [Ingress, Egress, Ingress]}\n`, 'too-many-items web.yaml:4'],
    ['K14: an empty peer', rule('{from: [{}]}'), 'bad-peer web.yaml:4'],
    ['K14: a peer whose only field is null', rule('{from: [{podSelector: }]}'), 'bad-peer web.yaml:4'],
    [
      'K14: a block with a selector',
      rule('{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}'),
      'bad-peer web.yaml:4',
    ],
    ['K15: no block', rule('{from: [{ipBlock: {cidr: 10.0.0.1}}]}'), 'bad-cidr web.yaml:4'],
    [
      'K15: an exception outside its block',
      rule('{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}'),
      'bad-except web.yaml:4',
    ],
    [
      'K15: an exception as large as its block',
      rule('{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}'),
      'bad-except web.yaml:4',
    ],
    ['K18: unknown protocols', rule('{ports: [{protocol: ICMP}]}'), 'unknown-value web.yaml:4'],
    ['K19: port 0', rule('{ports: [{port: 0}]}'), 'out-of-range web.yaml:4'],
    ['K19: port 65536', rule('{ports: [{port: 65536}]}'), 'out-of-range web.yaml:4'],
    ['K19: a quoted number', rule('{ports: [{port: "80"}]}'), 'bad-port-name web.yaml:4'],
    ['K20: endPort without port', rule('{ports: [{endPort: 80}]}'), 'bad-port-range web.yaml:4'],
    ['K20: endPort below port', rule('{ports: [{port: 81, endPort: 80}]}'), 'bad-port-range web.yaml:4'],
    ['K21: endPort with a name', rule('{ports: [{port: http, endPort: 80}]}'), 'bad-port-range web.yaml:4'],
    ['a section of the other direction', rule('{to: [{podSelector: {}}]}'), 'unknown-field web.yaml:4'],
  ])('refuses %s', (_, text, expected) => {
    const found = read(text);
    expect(complaints(text)[0]).toContain(expected);
    expect(found.findings[0]?.remedy).not.toBe('');
    expect(found.policySet.policies).toEqual([]);
  });

  test('every fault is told, not only the first, and other documents are still read', () => {
    const text = `${HEAD}spec: {a: 1, policyTypes: [X], ingress: [{ports: [{port: 0}]}]}\n---\n${HEAD}spec: {}\n`;
    expect(complaints(text)).toHaveLength(3);
    expect(read(text).policySet.policies).toHaveLength(1);
  });

  test('suggests the field or value that was meant', () => {
    expect(read(`${HEAD}spec: {podSelctor: {}}\n`).findings[0]?.remedy).toBe('Write "podSelector", perhaps.');
    expect(read(`${HEAD}spec: {policyTypes: [ingress]}\n`).findings[0]?.remedy).toBe('Write Ingress, perhaps.');
  });

  test('accepts what an API server adds, empty values and null sections', () => {
    const text = `${HEAD.replace('{name: web', '{uid: x, creationTimestamp: null, managedFields: [], name: web')}spec:\n  podSelector:\n    matchLabels: {a: ""}\n  ingress:\nstatus: {}\n`;
    expect(complaints(text)).toEqual([]);
  });

  test('K4: warns of a section without effect', () => {
    const found = read(`${HEAD}spec: {policyTypes: [Ingress], egress: [{}]}\n`);
    expect(found.findings.map(({ severity, rule: id }) => `${severity} ${id}`)).toEqual(['warning ignored-section']);
    expect(found.policySet.policies).toHaveLength(1);
  });

  test('a policy without namespace belongs to the one it is applied to', () => {
    const text = HEAD.replace(', namespace: shop', '');
    expect(read(text).policySet.policies[0]?.ref.namespace).toBe('default');
    const given = readPolicies([{ name: 'x', text }], { defaultNamespace: 'bank' });
    expect(given.policySet.policies[0]?.ref.namespace).toBe('bank');
  });
});

describe('what lies beside policies', () => {
  test('namespaces give their labels and their name', () => {
    const text = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n';
    const labels = new Map([
      ['team', 'a'],
      ['kubernetes.io/metadata.name', 'shop'],
    ]);
    expect(read(text).namespaces).toEqual(new Map([['shop', labels]]));
  });

  test('workloads, kustomizations and patches are noted, once per kind and file', () => {
    const workloads = 'apiVersion: apps/v1\nkind: Deployment\n---\napiVersion: apps/v1\nkind: Deployment\n';
    const kustomization =
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: ./patch.yaml}]\n';
    const sources = [
      { name: 'k/all.yaml', text: workloads },
      { name: 'k/kustomization.yaml', text: kustomization },
      { name: 'k/patch.yaml', text: 'kind: NetworkPolicy\nmetadata: {name: x}\n' },
      { name: 'k/json.yaml', text: '- {op: remove, path: /spec}\n' },
    ];
    const { findings } = readPolicies(sources);
    expect(findings.map(({ severity, location }) => `${severity} ${location.file}`)).toEqual([
      'note k/all.yaml',
      'note k/kustomization.yaml',
      'note k/patch.yaml',
      'note k/json.yaml',
    ]);
  });

  test.each([
    [
      'an unknown kind',
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolcy\n',
      'unknown-kind',
      'Write NetworkPolicy, perhaps.',
    ],
    [
      'an old API version',
      'apiVersion: extensions/v1beta1\nkind: NetworkPolicy\n',
      'unknown-api-version',
      'networking.k8s.io/v1',
    ],
    ['no kind at all', 'a: 1\n', 'no-kind', 'Add apiVersion and kind'],
    ['a bare text', 'hello\n', 'no-kind', 'Add apiVersion and kind'],
  ])('%s is an error', (_, text, id, remedy) => {
    const [finding] = read(text).findings;
    expect(finding).toMatchObject({ severity: 'error', rule: id });
    expect(finding?.remedy).toContain(remedy);
  });

  test('two policies of one name are a warning', () => {
    const { findings } = read(`${HEAD}---\n${HEAD}`);
    expect(findings.map(({ rule: id, location }) => `${id} ${formatLocation(location)}`)).toEqual([
      'duplicate-policy web.yaml:7 (document 2)',
    ]);
  });
});

test('any damaged document is read or refused with a reason, and never crashes', () => {
  const whole = `${HEAD}spec:\n  podSelector: {matchLabels: {app: web}}\n  ingress:\n  - from:\n    - ipBlock: {cidr: 10.0.0.0/8}\n    ports:\n    - {port: 80, endPort: 90}\n`;
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    '- ',
    ':',
    '&a ',
    '*a',
    '!!x ',
    '"',
    '\n',
    '\t',
    '~',
    '---\n',
    '<<: ',
    '1e999',
    '\0',
    'spec',
  );
  const cut = fc.record({ at: fc.nat(whole.length), length: fc.nat(12), piece: pieces });
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 4 }), (cuts) => {
      const text = cuts.reduce(
        (now, { at, length, piece }) => now.slice(0, at) + piece + now.slice(at + length),
        whole,
      );
      const { policySet, findings } = read(text);
      expect(policySet.policies.length + findings.length).toBeGreaterThan(0);
      for (const { message, location } of findings) expect([message === '', location.line > 0]).toEqual([false, true]);
    }),
    { numRuns: 3000 },
  );
});
