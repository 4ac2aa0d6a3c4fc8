import { gzipSync } from 'node:zlib';
import { type Next, pick } from './draw.ts';
import type { FlowSeed } from './seeds.ts';

type Envelope = (text: string, next: Next) => string;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const gzipped = (text: string): string => gzipSync(text, { level: 1 }).toString('base64');
const carrying =
  (key: string): Envelope =>
  (text) =>
    JSON.stringify({ [key]: text, kubernetes: { host: 'n1' }, cluster_name: 'c', '@timestamp': 1.5 });

/** Every way in which shippers and transports hand on a record as text; gzip as bytes comes from the byte mutations. */
const ENVELOPES: readonly Envelope[] = [
  ...['log', 'message', 'msg', 'json', 'body', 'payload', 'textPayload'].map(carrying),
  (text) => `{"log":${text}}`,
  (text) => `{"_source":${text}}`,
  (text) => `{"jsonPayload":${text}}`,
  (text) => `{"records":[${text},${text}]}`,
  (text) => `{"items":[${text}]}`,
  (text) => `{"hits":{"hits":[{"_source":${text}}]}}`,
  (text) => JSON.stringify({ event: { original: text }, host: { name: 'n' } }),
  (text) => JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', message: text }] }),
  (text) => JSON.stringify({ message: { data: base64(text), messageId: '1' } }),
  (text) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }] }),
  (text) => `[${text},${text}]`,
  (text) => JSON.stringify(text),
  base64,
  gzipped,
  (text) => base64(gzipped(text)),
  (text) => `2026-11-01T00:00:00.1Z stdout F ${text}`,
  (text) => `2026-11-01T00:00:00.1Z stdout P ${text}\n2026-11-01T00:00:00.2Z stdout F ${text}`,
  (text) => `<134>1 2026-11-01T00:00:00Z host app 1 - - ${text}`,
  (text) => `Nov  1 00:00:00 host tag[1]: ${text}`,
  (text) => `event: flow\ndata: ${text}\n`,
  (text) => `\uFEFF${text}`,
];

/** The text inside one envelope, sometimes several, together with another seed now and then. */
export function wrap(text: string, seeds: readonly FlowSeed[], next: Next): string {
  let wrapped = next() < 0.1 ? `${text}\n${pick(seeds, next).text}` : text;
  const layers = next() < 0.8 ? 1 : 2 + Math.floor(next() * 5);
  for (let layer = 0; layer < layers && wrapped.length < 100_000; layer++)
    wrapped = pick(ENVELOPES, next)(wrapped, next);
  return wrapped;
}
