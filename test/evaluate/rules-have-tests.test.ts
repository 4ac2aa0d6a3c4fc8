import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = ['test/dialects', 'test/evaluate'];

/** What is not judged: no traffic shows it. */
const UNTESTED = ['K23', 'K28'];

/** How many rules of each letter there are, so that none is lost from the document. */
const RULES = { K: 28, P: 35, A: 16, C: 11, N: 15, X: 28, I: 12, F: 20 };

const documented = [...readFileSync(join(ROOT, 'docs/policy-semantics.md'), 'utf8').matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)]
  .map(([, id]) => id)
  .sort();
const tests = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
);

/** Whether some test, or the group it stands in, has a title that begins with the number, alone or by `test.each`. */
function hasTest(id: string): boolean {
  const title = new RegExp(`['\`]${id}(: |, [A-Z]\\d+: |')`);
  return tests.some((text) => title.test(text));
}

test.each(Object.entries(RULES))('all rules %s1 to %i are described', (letter, count) => {
  const ids = documented.filter((id) => id?.startsWith(letter));
  expect(ids).toEqual(Array.from({ length: count }, (_, index) => `${letter}${index + 1}`).sort());
});

test.each(documented.filter((id) => !UNTESTED.includes(id ?? '')))('%s has a test', (id) => {
  expect(hasTest(id ?? ''), `no test is titled ${id}: …`).toBe(true);
});
