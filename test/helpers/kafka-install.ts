import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { helperFile } from './helper-file.ts';

const VERSION = '4.1.1';
const POM = helperFile('kafka-pom.xml');

/** Folder with the broker's jars, outside the checkout so that it survives a fresh clone. Fetched when missing. */
export function kafkaJars(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'microwall', `kafka-${VERSION}`);
  needs('java', 'openjdk-17-jre-headless');
  if (existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('kafka_2.13'))) return folder;
  needs('mvn', 'maven');
  mkdirSync(dirname(folder), { recursive: true });
  const download = mkdtempSync(`${folder}-`);
  try {
    execFileSync(
      'mvn',
      [
        '-q',
        '-B',
        '-f',
        POM,
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${download}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], timeout: 600_000 },
    );
    // The rename is what makes the cache complete: a killed download never looks like a finished one.
    if (!existsSync(folder)) renameSync(download, folder);
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
  return folder;
}

/** Makes sure that `command` runs; root on Debian installs `debianPackage`, everyone else is told what to install. */
function needs(command: string, debianPackage: string): void {
  if (runs(command)) return;
  const hint = `the Kafka tests need ${command}: apt-get install ${debianPackage} (or set KAFKA_BROKERS to a running Kafka)`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(hint);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-q', '--no-install-recommends', debianPackage];
  const apt = (args: string[]) => spawnSync('apt-get', args, { env, stdio: 'ignore', timeout: 600_000 }).status === 0;
  if (!apt(install) && !(apt(['update', '-q']) && apt(install))) throw new Error(hint);
  if (!runs(command)) throw new Error(hint);
}

function runs(command: string): boolean {
  return spawnSync(command, ['-version'], { stdio: 'ignore' }).status === 0;
}
