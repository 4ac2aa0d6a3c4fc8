import { expect, test } from 'vitest';
import { type AskedForm, outputForm } from '../../src/dialects/micropolicies/form.ts';

const folder = (asked: AskedForm): string | undefined => {
  const form = outputForm(asked);
  return 'problem' in form ? form.problem : `${form.folder} ${form.scope} ${form.stage.name} ${form.stage.order}`;
};

test.each<[AskedForm, string]>([
  [{ dialect: 'kubernetes' }, 'kubernetes namespace networkpolicy 0'],
  [{ dialect: 'kubernetes', staged: true }, 'kubernetes-staged namespace networkpolicy 0'],
  [{ dialect: 'cluster' }, 'cluster global baseline 0'],
  [{ dialect: 'cluster', tier: 'admin' }, 'cluster global admin 0'],
  [{ dialect: 'calico' }, 'calico namespace default 1000000'],
  [{ dialect: 'calico-staged', scope: 'global' }, 'calico-staged global default 1000000'],
  [{ dialect: 'calico', staged: true, tier: 'net=500' }, 'calico-staged namespace net 500'],
  [{ dialect: 'cilium', scope: 'global' }, 'cilium global networkpolicy 0'],
  [{ dialect: 'antrea' }, 'antrea namespace antrea/application 250'],
  [{ dialect: 'antrea', tier: 'emergency' }, 'antrea namespace antrea/emergency 50'],
  [{ dialect: 'antrea', tier: 'net', scope: 'global' }, 'antrea global antrea/net 240'],
  [{ dialect: 'istio', staged: true }, 'istio-staged namespace istio 0'],
])('%j is written as %s', (asked, expected) => {
  expect(folder(asked)).toBe(expected);
});

test.each<[AskedForm, RegExp]>([
  [{ dialect: 'kubernetes', scope: 'global' }, /cannot have scope global/],
  [{ dialect: 'istio', scope: 'global' }, /cannot have scope global/],
  [{ dialect: 'cluster', scope: 'namespace' }, /cannot have scope namespace/],
  [{ dialect: 'cilium', tier: 'x' }, /knows no tiers/],
  [{ dialect: 'kubernetes', tier: 'x' }, /knows no tiers/],
  [{ dialect: 'cluster', tier: 'x' }, /has no tier x/],
  [{ dialect: 'calico', tier: 'kube-baseline' }, /nothing can be isolated/],
  [{ dialect: 'calico', tier: 'No Tier' }, /names no tier/],
  [{ dialect: 'calico', tier: 'x=y' }, /names no tier/],
  [{ dialect: 'antrea', tier: 'x=220' }, /220 cannot be the priority/],
  [{ dialect: 'antrea', tier: 'x=300' }, /300 cannot be the priority/],
  [{ dialect: 'antrea', staged: true }, /cannot be staged/],
  [{ dialect: 'cilium', staged: true }, /cannot be staged/],
])('%j is refused', (asked, expected) => {
  expect(folder(asked)).toMatch(expected);
});
