import { PROTOCOL_NUMBERS, protocolName } from '../../model/ports.ts';

/** Ports whose number says what is offered, whoever offers it (IANA registry and the exporters' default ports). */
const FUNCTIONS = byPort({
  'UDP/53': 'dns',
  'TCP/53': 'dns',
  'UDP/123': 'ntp',
  'UDP/514': 'syslog',
  'TCP/514': 'syslog',
  'TCP/601': 'syslog',
  'TCP/4317': 'otlp',
  'TCP/4318': 'otlp-http',
  'TCP/9100': 'node-metrics',
  'TCP/9102': 'app-metrics',
  'TCP/9104': 'mysql-metrics',
  'TCP/9121': 'redis-metrics',
  'TCP/9153': 'dns-metrics',
  'TCP/9187': 'postgres-metrics',
  'TCP/9216': 'mongodb-metrics',
  'TCP/10250': 'kubelet',
  'TCP/15014': 'istiod-metrics',
  'TCP/15020': 'istio-metrics',
  'TCP/15090': 'envoy-metrics',
});

/** Ports that name a product; right as a name, too weak to call two servers one function. */
const PRODUCTS = byPort({
  'TCP/22': 'ssh',
  'TCP/25': 'smtp',
  'TCP/80': 'http',
  'TCP/389': 'ldap',
  'TCP/443': 'https',
  'TCP/587': 'smtp-submission',
  'TCP/636': 'ldaps',
  'TCP/1433': 'mssql',
  'TCP/1521': 'oracle',
  'TCP/2049': 'nfs',
  'TCP/2181': 'zookeeper',
  'TCP/2379': 'etcd',
  'TCP/3306': 'mysql',
  'TCP/4222': 'nats',
  'TCP/5432': 'postgresql',
  'TCP/5672': 'amqp',
  'TCP/6379': 'redis',
  'TCP/6443': 'kube-api',
  'TCP/8125': 'statsd',
  'UDP/8125': 'statsd',
  'TCP/9042': 'cassandra',
  'TCP/9090': 'prometheus',
  'TCP/9092': 'kafka',
  'TCP/9200': 'elasticsearch',
  'TCP/11211': 'memcached',
  'TCP/27017': 'mongodb',
});

/** Looked up by numbers: every link asks. */
function byPort(names: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  const entries = Object.entries(names).map(([door, name]): [number, string] => {
    const [protocol = '', port] = door.split('/');
    return [key(PROTOCOL_NUMBERS[protocol] ?? 0, Number(port)), name];
  });
  return new Map(entries);
}

function key(protocol: number, port: number): number {
  return protocol * 65_536 + port;
}

/** The function that every server of this port has in common; `''` when the port does not tell. */
export function functionOfPort(protocol: number, port: number): string {
  return FUNCTIONS.get(key(protocol, port)) ?? '';
}

/** A name for the port: its function, its usual product, else `tcp-8080`. */
export function nameOfPort(protocol: number, port: number): string {
  return (
    functionOfPort(protocol, port) ||
    PRODUCTS.get(key(protocol, port)) ||
    `${protocolName(protocol).toLowerCase()}-${port}`
  );
}

/** Ports that give control over machines, clusters or secrets: a person should look even when use is proven. */
const SENSITIVE = byPort({
  'TCP/22': 'remote shell',
  'TCP/445': 'file shares',
  'TCP/2375': 'container engine',
  'TCP/2379': 'etcd, which holds every secret of a cluster',
  'TCP/2380': 'etcd peers',
  'TCP/3389': 'remote desktop',
  'TCP/5985': 'remote management',
  'TCP/6443': 'Kubernetes API',
  'TCP/10250': 'kubelet API, which runs commands in pods',
});

/** What a sensitive port gives access to; undefined for others. */
export function sensitivity(protocol: number, port: number): string | undefined {
  return SENSITIVE.get(key(protocol, port));
}
