#!/usr/bin/env node
/**
 * Runs microwall, its demo or its checks from a checkout: installs dependencies when `node_modules` is missing or older
 * than the lock file, builds `dist` when a source is newer than the last build, then runs. Plain JavaScript without
 * dependencies, because it runs before anything is installed. All of its own output goes to stderr, so that
 * `npm run -s microwall -- … -o json` prints nothing but the command's result.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

/** Records live for microseconds: a larger young generation saves a tenth of all CPU while reading them. */
const YOUNG = '--max-semi-space-size=32';

/** The checks of `npm test`, in order: what is fastest to fail comes first. */
const CHECKS = [
  ['types', bin('tsc'), []],
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['architecture', bin('depcruise'), ['--config', '.dependency-cruiser.mjs', 'src', 'ingest', 'test']],
  ['dead code', bin('knip'), []],
  ['tests', bin('vitest'), ['run', '--config', 'test/vitest.config.ts']],
];

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestSource(folder) {
  if (modified(folder) === 0) return 0;
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts')) {
      newest = Math.max(newest, modified(join(entry.parentPath, entry.name)));
    }
  }
  return newest;
}

function step(title, command, args) {
  const done = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (done.error) throw done.error;
  if (done.status !== 0) {
    process.stderr.write(`microwall: ${title} failed; the reason stands above\n`);
    process.exit(2);
  }
}

function install() {
  const lock = join(ROOT, 'package-lock.json');
  if (modified(join(ROOT, 'node_modules', '.package-lock.json')) >= modified(lock)) return;
  process.stderr.write('microwall: installing dependencies (once, about 800 MB with the embedded engine)\n');
  // Not `npm ci`: it refuses a lock file that does not name the packages of every platform, also of those not needed.
  step('installing', 'npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  // npm keeps an older time where nothing changed; without this the next start would install again.
  const now = new Date();
  utimesSync(join(ROOT, 'node_modules', '.package-lock.json'), now, now);
}

/** Builds beside the old build and swaps, so that a second process never sees half a build. */
function build() {
  const stamp = join(ROOT, 'dist', '.built');
  const newest = Math.max(
    newestSource(join(ROOT, 'src')),
    newestSource(join(ROOT, 'ingest')),
    newestSource(join(ROOT, 'test', 'bench')),
    newestSource(join(ROOT, 'test', 'helpers')),
    modified(join(ROOT, '.tsconfig.build.json')),
  );
  if (modified(stamp) > newest) return;
  const fresh = join(ROOT, `dist-${process.pid}`);
  const old = join(ROOT, `dist-${process.pid}-old`);
  mkdirSync(fresh, { recursive: true });
  step('building', bin('tsc'), ['-p', '.tsconfig.build.json', '--outDir', fresh]);
  writeFileSync(join(fresh, '.built'), '');
  if (modified(join(ROOT, 'dist')) > 0) renameSync(join(ROOT, 'dist'), old);
  renameSync(fresh, join(ROOT, 'dist'));
  rmSync(old, { recursive: true, force: true });
}

function microwall(args) {
  const done = spawnSync(process.execPath, [YOUNG, join(ROOT, 'dist', 'src', 'cli', 'main.js'), ...args], {
    stdio: 'inherit',
    // npm runs scripts in the project; paths that people type are relative to where they stand.
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  if (done.error) throw done.error;
  process.exit(done.status ?? 128);
}

/** Benchmarks run compiled, by plain node, as the product does. */
function bench([name, ...args]) {
  const script = join(ROOT, 'dist', 'test', 'bench', `${name}.js`);
  if (modified(script) === 0) {
    process.stderr.write(`microwall: there is no benchmark test/bench/${name}.ts\n`);
    process.exit(2);
  }
  const done = spawnSync(process.execPath, ['--expose-gc', YOUNG, script, ...args], { cwd: ROOT, stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exit(done.status ?? 128);
}

function check(only) {
  for (const [title, command, args] of CHECKS) {
    if (only.length > 0 && !only.includes(title)) continue;
    process.stderr.write(`\n── ${title}\n`);
    const env = { PROPERTY_SEED: '1', ...process.env };
    const done = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env });
    if (done.error) throw done.error;
    if (done.status !== 0) {
      process.stderr.write(`\n── ${title}: failed\n`);
      process.exit(done.status ?? 1);
    }
  }
}

const [task, ...args] = process.argv.slice(2);
if (!['run', 'check', 'bench', 'build'].includes(task)) {
  process.stderr.write('usage: checkout.mjs run ARGS… | check [NAME…] | bench NAME ARGS… | build\n');
  process.exit(2);
}
install();
build();
if (task === 'run') microwall(args);
if (task === 'check') check(args);
if (task === 'bench') bench(args);
