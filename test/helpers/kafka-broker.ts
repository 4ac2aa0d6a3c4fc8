import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helperFile } from './helper-file.ts';
import { kafkaJars } from './kafka-install.ts';

/** A real Apache Kafka on loopback: one node, broker and controller in one, data in a temporary folder. */
export interface TestBroker {
  /** `127.0.0.1:PORT` of the plaintext listener. */
  readonly address: string;
  /** `127.0.0.1:PORT` of a further listener asked for by name. */
  listener(name: string): string;
  readonly pid: number;
  /** Ends it; `SIGKILL` is a power cut. The data stays for `start`. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same ports and data, and waits until it serves. */
  start(): Promise<void>;
  /** Stops it for good and removes its data. */
  remove(): Promise<void>;
}

export interface BrokerOptions {
  /** Lines of `server.properties` that replace or join the defaults. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Further client listeners: name → security protocol, e.g. `{ SASL: 'SASL_PLAINTEXT' }`. */
  readonly listeners?: Readonly<Record<string, string>>;
  /** Arguments for `StorageTool format`, e.g. `--add-scram …`. */
  readonly format?: readonly string[];
}

const READY = 'Kafka Server started';
const LOG4J = helperFile('kafka-log4j2.yaml');

/** Starts a broker and waits until it serves; it dies with this process at the latest. */
export async function startBroker(options: BrokerOptions = {}): Promise<TestBroker> {
  const classPath = join(kafkaJars(), '*');
  const folder = await mkdtemp(join(tmpdir(), 'microwall-kafka-'));
  const names = ['PLAINTEXT', 'CONTROLLER', ...Object.keys(options.listeners ?? {})];
  const ports = await freePorts(names.length);
  const at = (name: string) => `127.0.0.1:${ports[names.indexOf(name)]}`;
  const file = join(folder, 'server.properties');
  writeFileSync(file, serverProperties(folder, names, at, options));
  execFileSync(
    'java',
    [
      '-cp',
      classPath,
      'kafka.tools.StorageTool',
      'format',
      '--standalone',
      '-t',
      'bWljcm93YWxsLXRlc3Rz',
      '-c',
      file,
      ...(options.format ?? []),
    ],
    { stdio: 'pipe' },
  );
  let child = launch(classPath, folder, file);
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  process.once('exit', () => child.kill('SIGKILL'));
  const broker: TestBroker = {
    address: at('PLAINTEXT'),
    listener: at,
    get pid() {
      return child.pid ?? 0;
    },
    stop,
    async start() {
      await stop();
      child = launch(classPath, folder, file);
      await ready(child, folder);
    },
    async remove() {
      await stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await ready(child, folder);
  return broker;
}

function launch(classPath: string, folder: string, properties: string): ChildProcess {
  const log = openSync(join(folder, 'out.log'), 'w');
  const flags = ['-Xmx512m', '-XX:+UseSerialGC', `-Dlog4j2.configurationFile=${LOG4J}`];
  return spawn('java', [...flags, '-cp', classPath, 'kafka.Kafka', properties], { stdio: ['ignore', log, log] });
}

async function ready(child: ChildProcess, folder: string): Promise<void> {
  const log = join(folder, 'out.log');
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; ) {
    const text = readFileSync(log, 'utf8');
    if (text.includes(READY)) return;
    if (child.exitCode !== null) throw new Error(`the Kafka broker ended at once:\n${text.slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the Kafka broker did not start within 90 s:\n${readFileSync(log, 'utf8').slice(-2000)}`);
}

function serverProperties(folder: string, names: string[], at: (name: string) => string, options: BrokerOptions) {
  const clients = names.filter((name) => name !== 'CONTROLLER');
  const protocols = { PLAINTEXT: 'PLAINTEXT', CONTROLLER: 'PLAINTEXT', ...options.listeners };
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': at('CONTROLLER'),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: names.map((name) => `${name}://${at(name)}`).join(','),
    'advertised.listeners': clients.map((name) => `${name}://${at(name)}`).join(','),
    'listener.security.protocol.map': Object.entries(protocols)
      .map(([name, protocol]) => `${name}:${protocol}`)
      .join(','),
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '2',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'auto.create.topics.enable': 'false',
    'message.max.bytes': '10485760',
    // Clients of tests that last for hours are idle for long.
    'connections.max.idle.ms': '86400000',
    ...options.properties,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
