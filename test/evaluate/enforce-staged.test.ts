import { expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import { enforceStaged } from '../../src/evaluate/compile/enforce-staged.ts';
import type { PolicyRef } from '../../src/model/policy.ts';

const CALICO = (kind: string, name: string, spec = '') =>
  `apiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: { name: ${name}${kind.includes('Global') ? '' : ', namespace: shop'} }\nspec: { selector: app == 'x'${spec} }\n---\n`;
const NETPOL = `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: cart, namespace: shop }\nspec: { podSelector: {} }\n---\n`;
const STAGED_NETPOL = NETPOL.replace('networking.k8s.io/v1', 'projectcalico.org/v3').replace(
  'NetworkPolicy',
  'StagedKubernetesNetworkPolicy',
);
const ISTIO = `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: cart\n  namespace: shop\n  annotations: { istio.io/dry-run: "true" }\nspec: {}\n---\n`;

function letGo(text: string) {
  const { policySet, findings } = readPolicies([{ name: 'p.yaml', text }]);
  expect(findings).toEqual([]);
  const { policySet: set, replaced, removed, leftOut } = enforceStaged(policySet);
  const names = (refs: readonly PolicyRef[]) => refs.map(({ kind, name }) => `${kind} ${name}`);
  const inForce = set.policies.filter(({ staged }) => !staged).map(({ ref }) => ref);
  return { inForce: names(inForce), replaced: names(replaced), removed: names(removed), leftOut: names(leftOut) };
}

test('a staged policy comes into force beside the others', () => {
  expect(letGo(CALICO('NetworkPolicy', 'web') + CALICO('StagedNetworkPolicy', 'cart'))).toEqual({
    ...{ inForce: ['NetworkPolicy web', 'StagedNetworkPolicy cart'], replaced: [], removed: [], leftOut: [] },
  });
  expect(letGo(ISTIO)).toMatchObject({ inForce: ['AuthorizationPolicy cart'] });
});

test('it takes the place of the policy of its name, kind and tier, and of no other', () => {
  const own = CALICO('NetworkPolicy', 'default.cart') + CALICO('StagedNetworkPolicy', 'cart', ', stagedAction: Set');
  expect(letGo(own)).toMatchObject({ inForce: ['StagedNetworkPolicy cart'], replaced: ['NetworkPolicy default.cart'] });
  expect(letGo(NETPOL + STAGED_NETPOL)).toMatchObject({
    ...{ inForce: ['StagedKubernetesNetworkPolicy cart'], replaced: ['NetworkPolicy cart'] },
  });
  const others = NETPOL + CALICO('GlobalNetworkPolicy', 'cart') + CALICO('StagedNetworkPolicy', 'cart');
  expect(letGo(others)).toMatchObject({ replaced: [] });
  expect(letGo(others).inForce).toHaveLength(3);
});

test('an action other than Set removes the policy of its name, or does nothing', () => {
  const removes =
    CALICO('GlobalNetworkPolicy', 'cart') + CALICO('StagedGlobalNetworkPolicy', 'cart', ', stagedAction: Delete');
  expect(letGo(removes)).toEqual({ inForce: [], replaced: [], removed: ['GlobalNetworkPolicy cart'], leftOut: [] });
  const ignored = NETPOL + STAGED_NETPOL.replace('spec: {', 'spec: { stagedAction: Ignore,');
  expect(letGo(ignored)).toMatchObject({
    ...{ inForce: ['NetworkPolicy cart'], removed: [], leftOut: ['StagedKubernetesNetworkPolicy cart'] },
  });
});
