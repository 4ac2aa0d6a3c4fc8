import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import { describeOutside } from '../helpers/outside-data.ts';

const CILIUM = 'policies/cilium__cilium/cilium-cli/connectivity/builder/manifests';
const ISTIO = 'policies/istio__istio/pilot/pkg';

type Files = ReadonlyMap<string, string>;

function yamlFiles(folder: string, ending = '.yaml'): Files {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Files with errors, and the kinds of these errors. Every error has a place and a remedy. */
function refused(files: Files): Record<string, string> {
  const entries = [...files].map(([name, text]) => {
    const errors = readPolicies([{ name, text }]).findings.filter(({ severity }) => severity === 'error');
    for (const { message, remedy, location } of errors) {
      expect(message).not.toBe('');
      expect(remedy).not.toBe('');
      expect(location.line).toBeGreaterThan(0);
    }
    return [name, [...new Set(errors.map(({ rule }) => rule))].sort().join(' ')] as const;
  });
  return Object.fromEntries(entries.filter(([, rules]) => rules !== ''));
}

/** What the connectivity test fills in for a template's fields, by the words in them. */
const FILLED: readonly (readonly [RegExp, string])[] = [
  [/Mask/, '24'],
  [/CIDRv6/, '2606::/16'],
  [/CIDRv4/, '1.0.0.0/8'],
  [/IPv6.*ipToCIDR/, '2606:4700::1111/128'],
  [/IPv4.*ipToCIDR/, '1.1.1.1/32'],
  [/IPv6/, '2606:4700::1111'],
  [/IPv4/, '1.1.1.1'],
  [/\$i\.IP/, '172.18.0.3'],
  [/K8sCIDR|^\.$/, '172.18.0.0/16'],
  [/Port/, '8080'],
  [/Wildcard/, '**.one.one'],
  [/Target\b.*|Target$/, 'one.one.one.one'],
  [/.*/, 'cilium-test'],
];

function fill(text: string): string {
  return text
    .replace(/^.*\{\{-?\s*(range|end)\b.*$/gm, '')
    .replace(/\{\{-?\s*(.*?)\s*\}\}/g, (_, field: string) => FILLED.find(([words]) => words.test(field))?.[1] ?? field);
}

describeOutside('cilium__cilium', CILIUM, (folder) => {
  const files = yamlFiles(folder);

  test('what is no template is read', () => {
    const plain = new Map([...files].filter(([, text]) => !text.replace(/^\s*#.*$/gm, '').includes('{{')));
    expect(plain.size).toBe(65);
    expect(refused(plain)).toEqual({});
  });

  test('templates are read once their fields are filled in', () => {
    const filled = new Map([...files].map(([name, text]) => [name, fill(text)]));
    expect(filled.size).toBe(100);
    expect(refused(filled)).toEqual({
      // Cilium reads keys of its own in the selectors of a ClusterNetworkPolicy; the API does not have them.
      'echo-ingress-from-client-tiered-wildcard-pass-l7.yaml': 'bad-label',
    });
  });
});

describeOutside('istio__istio', ISTIO, (path) => {
  test.each([
    ['serviceregistry/ambient/testdata', 22],
    ['security/authz/builder/testdata/tcp', 7],
    ['security/authz/builder/testdata/http', 20],
  ])('policies in %s', (folder, count) => {
    const files = yamlFiles(join(path, folder), '-in.yaml');
    expect(files.size).toBe(count);
    expect(refused(files)).toEqual({});
  });
});
