/** A Hubble flow record; `at` moves time and ports, so that every record differs and hours and edges repeat. */
export function hubbleFlow(at: number): string {
  const time = new Date(Date.UTC(2026, 10, 1, 0, 0, 0) + at * 777).toISOString();
  const client = ['cart', 'checkout', 'frontend'][at % 3] ?? 'cart';
  const server = ['redis', 'payment'][at % 2] ?? 'redis';
  const pod = (name: string, identity: number) => ({
    ID: identity,
    identity,
    namespace: 'shop',
    labels: [`k8s:app=${name}`, 'k8s:io.kubernetes.pod.namespace=shop'],
    pod_name: `${name}-5d8f7c6b9-${'abcde'[at % 5]}xyz2`,
    workloads: [{ name, kind: 'Deployment' }],
  });
  return JSON.stringify({
    flow: {
      time,
      uuid: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
      verdict: 'FORWARDED',
      IP: { source: '10.0.1.5', destination: '10.0.2.7', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 30_000 + (at % 20_000), destination_port: 6379, flags: { SYN: true } } },
      source: pod(client, 100 + (at % 3)),
      destination: pod(server, 200 + (at % 2)),
      Type: 'L3_L4',
      node_name: 'prod/node-1',
      event_type: { type: 4 },
      traffic_direction: 'EGRESS',
      trace_observation_point: 'TO_ENDPOINT',
      is_reply: false,
      Summary: 'TCP Flags: SYN',
    },
    node_name: 'prod/node-1',
    time,
  });
}

const LONG = 'x'.repeat(100_000);

/** Twenty ways in which a message can be no flow at all. Each gives exactly one reject. */
export const POISON: readonly (readonly [name: string, value: Buffer])[] = [
  ['half a JSON object', Buffer.from('{"flow":{"time":"2026')],
  ['plain text', Buffer.from('this is no flow')],
  ['an empty object', Buffer.from('{}')],
  ['null', Buffer.from('null')],
  ['a number', Buffer.from('42')],
  ['a JSON string', Buffer.from('"flow"')],
  ['true', Buffer.from('true')],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x80, 0x81, 0xc0, 0xaf])],
  ['NUL bytes', Buffer.from('\0\0\0flow\0\0')],
  ['gzip that breaks off', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00])],
  ['an object nested ten thousand deep', Buffer.from(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)],
  ['an array nested ten thousand deep', Buffer.from(`${'['.repeat(10_000)}1${']'.repeat(10_000)}`)],
  ['a very long line', Buffer.from(LONG)],
  ['a flow that is a number', Buffer.from('{"flow":7,"node_name":"n"}')],
  ['a flow without a time', Buffer.from('{"flow":{"verdict":"FORWARDED","time":false}}')],
  ['a time that is none', Buffer.from('{"flow":{"time":"yesterday","verdict":"FORWARDED"},"time":"yesterday"}')],
  ['another product', Buffer.from('{"kind":"Event","apiVersion":"v1","metadata":{"name":"x"}}')],
  ['a prototype key', Buffer.from('{"__proto__":{"flow":1},"constructor":2}')],
  ['a lone surrogate', Buffer.from('{"flow":"\\ud800"}')],
  ['protobuf', Buffer.from([0x0a, 0x10, 0x08, 0x96, 0x01, 0x12, 0x03, 0x61, 0x62, 0x63])],
];

/** What an agent writes where it has lost events before it could report them. */
export function lostEvents(at: number): string {
  const lost_events = { source: 'HUBBLE_RING_BUFFER', num_events_lost: String(1 + (at % 9)) };
  return JSON.stringify({ lost_events, node_name: 'prod/node-1', time: '2026-11-01T00:00:00Z' });
}

/** Every hundredth message is poison, of each kind in turn, and every fiftieth says that events were lost. */
export function mixedMessages(
  from: number,
  to: number,
): { readonly messages: Buffer[]; readonly flows: number; readonly poison: number } {
  const messages: Buffer[] = [];
  let [flows, poison] = [0, 0];
  for (let at = from; at < to; at++) {
    const bad = at % 100 === 99 ? POISON[Math.floor(at / 100) % POISON.length] : undefined;
    const isLoss = at % 50 === 7;
    if (bad) poison += 1;
    else if (!isLoss) flows += 1;
    messages.push(bad?.[1] ?? Buffer.from(isLoss ? lostEvents(at) : hubbleFlow(at)));
  }
  return { messages, flows, poison };
}
