import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import { describeOutside } from '../helpers/outside-data.ts';

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : /\.ya?ml$/.test(name) ? [path] : [];
  });
}

/** Files with errors, and the kinds of these errors. */
function refused(folder: string, files: readonly string[]): Record<string, string> {
  const entries = files.map((file) => {
    const { findings } = readPolicies([{ name: file, text: readFileSync(file, 'utf8') }]);
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.every(({ message, remedy, location }) => message !== '' && remedy !== '' && location.line > 0)).toBe(
      true,
    );
    return [relative(folder, file), [...new Set(errors.map(({ rule }) => rule))].sort().join(' ')] as const;
  });
  return Object.fromEntries(entries.filter(([, rules]) => rules !== ''));
}

function describeFolder(name: string, body: (refusals: () => Record<string, string>) => void): void {
  describeOutside(name, join('policies', name), (folder) => body(() => refused(folder, filesIn(folder))));
}

describeFolder('antrea-io__antrea', (refusals) => {
  test('every manifest is read or refused for a stated reason', () => {
    const deny = 'unknown-value';
    expect(refusals()).toEqual({
      'docs-yaml/admin-network-policy-01.yaml': 'old-form',
      'docs-yaml/admin-network-policy-02.yaml': 'old-form',
      'docs-yaml/antrea-network-policy-20.yaml': deny,
      'docs-yaml/antrea-network-policy-21.yaml': deny,
      'docs-yaml/antrea-network-policy-22.yaml': deny,
      'docs-yaml/antrea-network-policy-23.yaml': deny,
      'docs-yaml/user-guide-02.yaml': deny,
      'docs-yaml/user-guide-03.yaml': deny,
    });
  });
});

describeFolder('kubernetes-sigs__network-policy-api', (refusals) => {
  test('every manifest is read or refused for a stated reason', () => {
    const assistant = 'cmd/policy-assistant';
    const kubecon = `${assistant}/examples/demos/kubecon-eu-2024/policies`;
    const walkthrough = `${assistant}/examples/demos/walkthrough/policies`;
    const policies = Object.entries(refusals()).filter(([file]) => !file.startsWith('config/'));
    expect(Object.fromEntries(policies)).toEqual({
      [`${kubecon}/anp1.yaml`]: 'old-form',
      [`${kubecon}/anp2.yaml`]: 'old-form',
      [`${kubecon}/anp3.yaml`]: 'old-form',
      [`${kubecon}/banp.yaml`]: 'old-form',
      [`${walkthrough}/anp1.yaml`]: 'old-form',
      [`${walkthrough}/anp2.yaml`]: 'old-form',
      [`${walkthrough}/banp.yaml`]: 'old-form',
      [`${assistant}/test/example-policies/anps/anp-list.yaml`]: 'unknown-kind',
      [`${assistant}/test/example-policies/anps/anp.yaml`]: 'old-form',
      [`${assistant}/test/example-policies/banp/banp.yaml`]: 'old-form',
      'conformance/base/admin_tier/experimental-egress-selector-rules.yaml': 'not-a-name',
      'conformance/base/baseline_tier/experimental-egress-selector-rules.yaml': 'not-a-name',
      // A template that has not been rendered: {{ … }} as a value reads as a mapping.
      'conformance/base/manifests.yaml': 'not-a-name',
      'pkg/crdtest/testdata/invalid/invalid-ingress-action.yaml': 'old-form unknown-value',
      'site-src/user-story-examples/user-story-4-v1.yaml': 'not-yaml',
      'site-src/user-story-examples/user-story-4-v2.yaml': 'not-yaml',
    });
  });
});
