import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LEARN_DEFAULTS, learnFrom } from '../../src/app/learn/learn-policies.ts';
import { buildEstate } from '../learn/estate.ts';

const TEAMS = `
teams:
  front: { owners: ["@front"], pattern: "/web-" }
  cart: { owners: ["@cart"], pattern: "/cart$" }
default: { folder: platform }`;

const webs = Array.from({ length: 4 }, (_, i) => `shop/Deployment/web-${i}`);
const workloads = Object.fromEntries(
  [...webs, 'shop/Deployment/cart'].map((id) => [id, { labels: { app: id.split('/')[2] ?? '' } }]),
);

test('an earlier version that a canary keeps stands with the teams of its own members', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'microwall-teams-'));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  const [teams, out] = [join(scratch, 'teams.yaml'), join(scratch, 'out')];
  writeFileSync(teams, TEAMS);
  const learnFor = async (clients: readonly string[], canary?: string): Promise<void> => {
    const scene = buildEstate({ workloads, traffic: clients.map((web) => `${web} > shop/Deployment/cart TCP/8080`) });
    const form = { outside: 'names', canary } as const;
    await learnFrom(() => Promise.resolve(scene), { cluster: 'test', options: LEARN_DEFAULTS, out, teams, form });
  };
  await learnFor(webs);
  await learnFor(webs.slice(1));
  const file = join(out, 'micropolicies.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('expired: false', 'expired: false\n    remove: true'));
  await learnFor(webs.slice(1), 'shop/web-1');
  const kept = readdirSync(join(out, 'kubernetes'), { recursive: true }).filter((path) => path.includes('cart-1.0.0'));
  expect(kept.sort()).toEqual(['cart/shop.cart-1.0.0-service.yaml', 'front/shop.cart-1.0.0-client.yaml']);
});
