import fc from 'fast-check';
import type { Estate, EstateWorkload } from './estate.ts';

/** One application, and which of its copies have what. */
export interface Copied {
  /** The application alone, in `app`. */
  readonly alone: Estate;
  /** The same in `app-a`, `app-b` and `app-c`, word for word. */
  readonly copied: Estate;
  /** The same with what differs from copy to copy, and with traffic between them. */
  readonly uneven: Estate;
}

const NAMES = ['web', 'cart', 'user', 'db', 'queue'];
const PORTS = ['TCP/80', 'TCP/8080', 'TCP/9090'];
const NAMESPACES = ['app-a', 'app-b', 'app-c'];
const WATCH = 'watch/Deployment/watch';
const OUTSIDE = ['private:192.168.7.20', 'private:192.168.9.9', 'external:203.0.113.7'];

const idOf = (namespace: string, name: string): string => `${namespace}/Deployment/${name}`;
const local = fc
  .record({ client: fc.constantFrom(...NAMES), server: fc.constantFrom(...NAMES), port: fc.constantFrom(...PORTS) })
  .map(
    ({ client, server, port }) =>
      (namespace: string) =>
        `${idOf(namespace, client)} > ${idOf(namespace, server)} ${port}`,
  );
const shared = fc
  .record({
    client: fc.constantFrom(WATCH, ...OUTSIDE),
    server: fc.constantFrom(...NAMES),
    port: fc.constantFrom(...PORTS),
  })
  .map(
    ({ client, server, port }) =>
      (namespace: string) =>
        `${client} > ${idOf(namespace, server)} ${port}`,
  );
const across = fc
  .record({
    from: fc.constantFrom(...NAMESPACES),
    to: fc.constantFrom(...NAMESPACES),
    client: fc.constantFrom(...NAMES),
    server: fc.constantFrom(...NAMES),
    port: fc.constantFrom(...PORTS),
    often: fc.boolean(),
  })
  .map(({ from, to, client, server, port, often }) => {
    const line = `${idOf(from, client)} > ${idOf(to, server)} ${port}`;
    return often ? line : `${line} days=1 clients=1 hours=1`;
  });

/** An application of a few workloads, and three copies of it. */
export const anyCopies: fc.Arbitrary<Copied> = fc
  .record({
    lines: fc.array(local, { minLength: 1, maxLength: 10 }),
    common: fc.array(shared, { maxLength: 3 }),
    gone: fc.array(fc.nat(60), { maxLength: 5 }),
    extra: fc.array(across, { maxLength: 3 }),
  })
  .map(({ lines, common, gone, extra }) => {
    const trafficIn = (namespace: string): string[] => [...lines, ...common].map((line) => line(namespace));
    const all = NAMESPACES.flatMap(trafficIn);
    const left = all.filter((_, i) => !gone.includes(i));
    return {
      alone: estate(['app'], trafficIn('app')),
      copied: estate(NAMESPACES, all),
      uneven: estate(NAMESPACES, [...left, ...extra]),
    };
  });

function estate(namespaces: readonly string[], traffic: readonly string[]): Estate {
  const workloads: Record<string, EstateWorkload> = { [WATCH]: { labels: { app: 'watch' } } };
  for (const namespace of namespaces)
    for (const name of NAMES) workloads[idOf(namespace, name)] = { labels: { app: name, env: namespace } };
  const ends = (line: string): string => line.split(' ').slice(0, 4).join(' ');
  const distinct = new Map(traffic.map((line) => [ends(line), line]));
  return { workloads, traffic: [...distinct.values()] };
}
