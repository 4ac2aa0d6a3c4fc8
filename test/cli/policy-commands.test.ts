import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { microwall } from './microwall.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-commands-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(mkdtempSync(join(scratch, 'x-')), name);
  writeFileSync(path, text);
  return path;
}

const POD = (name: string, namespace = 'shop') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}\nspec: {containers: []}\n---\n`;
const POLICY = (spec: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: cart, namespace: shop}\nspec: ${spec}\n---\n`;
const NONE = ['--data', join(scratch, 'none')];

describe.each([
  ['connectivity', (path: string) => ['connectivity', '--policies', path]],
  ['diff', (path: string) => ['diff', path, path]],
  ['explain', (path: string) => ['explain', 'shop/web', 'shop/cart', '80', '--policies', path]],
  ['lint', (path: string) => ['lint', path]],
  ['convert', (path: string) => ['convert', '--to', 'calico', path]],
  ['render', (path: string) => ['render', 'shop/cart', '--policies', path]],
])('microwall %s', (command, args) => {
  const data = command === 'convert' ? [] : NONE;

  it('decides nothing when a policy cannot be read exactly, and says where', async () => {
    const path = file('p.yaml', POLICY('{podSelecter: {}}'));
    const { exit, out, err } = await microwall([...args(path), ...data]);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(`error: ${path}:`);
  });

  it('names a file that is not there', async () => {
    const { exit, err } = await microwall([...args(join(scratch, 'missing.yaml')), ...data]);
    expect(exit).toBe(2);
    expect(err).toContain('there is no such file or folder');
  });

  it('shows examples', async () => {
    const { exit, out } = await microwall([command, '--help']);
    expect(exit).toBe(0);
    expect(out).toContain('Examples:');
  });

  it('leaves no store behind', async () => {
    await microwall([...args(file('p.yaml', POD('web') + POD('cart') + POLICY('{podSelector: {}}'))), ...data]);
    expect(readdirSync(scratch)).not.toContain('none');
  });
});

describe('microwall connectivity', () => {
  it('reads standard input and passes over objects that are no policies', async () => {
    const route = 'apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: r}\n---\n';
    const input = POD('web') + POD('cart') + route + POLICY('{podSelector: {matchLabels: {app: cart}}}');
    const { exit, out, err } = await microwall(['connectivity', '--policies', '-', '-o', 'json', ...NONE], input);
    expect(exit).toBe(0);
    expect(err).toContain('warning: <stdin>');
    expect(JSON.parse(out)).toContainEqual({
      src: { namespace: 'shop', name: 'cart', kind: 'Pod' },
      dst: { namespace: 'shop', name: 'web', kind: 'Pod' },
      allowed: 'all',
    });
    expect(out).not.toContain('"dst":{"namespace":"shop","name":"cart"');
  });

  it('says when there is no workload', async () => {
    const { out, err } = await microwall(
      ['connectivity', '--policies', '-', '-o', 'json', ...NONE],
      POLICY('{podSelector: {}}'),
    );
    expect(out).toBe('[]\n');
    expect(err).toContain('--inventory');
  });
});

describe('microwall explain', () => {
  const path = file('p.yaml', POD('web') + POD('cart') + POD('web', 'other') + POLICY('{podSelector: {}}'));
  const explain = (from: string, to: string, port: string) =>
    microwall(['explain', from, to, port, '--policies', path, ...NONE]);

  it('wants ends that mean one workload, and proposes the nearest name', async () => {
    expect((await explain('shop/wep', 'shop/cart', '80')).err).toContain('Write shop/web, perhaps.');
    expect((await explain('app=web', 'shop/cart', '80')).err).toContain('means 2 workloads: other/web, shop/web');
    expect((await explain('nonsense', 'shop/cart', '80')).exit).toBe(2);
  });

  it('wants a port that exists', async () => {
    expect((await explain('shop/web', 'shop/cart', '70000')).exit).toBe(2);
    expect((await explain('shop/web', 'shop/cart', 'http')).err).toContain(
      'the destination has no container port http',
    );
  });
});

describe('microwall convert', () => {
  it('refuses with place and reason what a dialect cannot say, and exits with 1', async () => {
    const admin =
      'apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: no}\nspec: {priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n';
    const { exit, out, err } = await microwall(['convert', '--to', 'kubernetes', file('a.yaml', admin)]);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect(err).toMatch(/refused: .*a\.yaml:3: AdminNetworkPolicy no: it stands in stage admin/);
  });

  it('writes what it reads when nothing changes, and one file per policy with --out', async () => {
    const path = file('p.yaml', POLICY('{podSelector: {matchLabels: {app: "on"}}, ingress: [{ports: [{port: 80}]}]}'));
    const first = await microwall(['convert', '--to', 'kubernetes', path]);
    const again = await microwall(['convert', '--to', 'kubernetes', '-'], first.out);
    expect(again.out).toBe(first.out);
    const out = join(scratch, 'converted');
    expect((await microwall(['convert', '--to', 'calico', path, '--out', out])).exit).toBe(0);
    expect(readdirSync(out)).toEqual(['networkpolicy.shop.cart.yaml']);
    expect(readFileSync(join(out, 'networkpolicy.shop.cart.yaml'), 'utf8')).toContain('projectcalico.org/v3');
  });
});

describe('--staged', () => {
  const staged = `apiVersion: projectcalico.org/v3\nkind: StagedNetworkPolicy\nmetadata: {name: cart, namespace: shop}\nspec: {selector: app == 'cart', types: [Ingress]}\n---\n`;
  const explain = ['explain', 'shop/web', 'shop/cart', '80', '--policies', '-', '-o', 'json', ...NONE];
  const estate = POD('web') + POD('cart') + staged;

  it('leaves staged policies out and says so, or judges them as if in force', async () => {
    const ignored = await microwall(explain, estate);
    expect(ignored.out).toContain('"allow"');
    expect(ignored.err).toContain('1 staged policy left out');
    expect(ignored.err).toContain('--staged enforce');
    const enforced = await microwall([...explain, '--staged', 'enforce'], estate);
    expect(enforced.out).toContain('"deny"');
    expect(enforced.err).toContain('1 staged policy judged as if in force: StagedNetworkPolicy shop/cart');
  });

  it('says what gives way and what stays out', async () => {
    const own = staged.replace('kind: Staged', 'kind: ').replace("app == 'cart'", "app == 'web'");
    const idle = staged.replace('{name: cart', '{name: idle').replace('spec: {', 'spec: {stagedAction: Ignore, ');
    const { err } = await microwall([...explain, '--staged', 'enforce'], estate + own + idle);
    expect(err).toContain('policies give way to the staged ones of their names: NetworkPolicy shop/cart');
    expect(err).toContain('left out all the same, as their stagedAction says: StagedNetworkPolicy shop/idle');
  });

  it('tells a version of diff whose staged policies are left out', async () => {
    const path = file('p.yaml', estate);
    const { err } = await microwall(['diff', path, path, ...NONE]);
    expect(err.match(/1 staged policy left out/g)).toHaveLength(1);
  });
});
