import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { interpreterOf } from '../../ingest/batch/interpreter.ts';
import type { DecodeSink } from '../../ingest/decode/decoder.ts';
import { NO_ENDPOINT } from '../../ingest/decode/draft.ts';
import { framesOf } from '../../ingest/frames/frames.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Flow } from '../../src/model/flow.ts';
import { LabelInterner } from '../../src/model/labels.ts';

/** What came out of an input, in order: `flow`, `reject`, `skip` or `lost`, each as a small object. */
export type DecodeEvent = Readonly<Record<string, unknown>>;

export interface DecodeSettings {
  readonly format?: string;
  readonly options?: Readonly<Record<string, string>>;
}

const QUIET: Readonly<Record<string, unknown>> = {
  sampling: 1,
  icmpType: 255,
  swapped: false,
  reason: 'none',
  attribution: 'none',
};

const isAbsent = (key: string, value: unknown): boolean =>
  value === '' || value === 0 || value === QUIET[key] || (Array.isArray(value) && value.length === 0);

/** An endpoint without what is absent; unknown labels are left out, known ones (also none) spelled out. */
function readableEndpoint(endpoint: Endpoint): DecodeEvent {
  const known = Object.entries(endpoint).filter(([key, value]) => key !== 'labels' && !isAbsent(key, value));
  const labels = endpoint.labels === NO_ENDPOINT.labels ? {} : { labels: Object.fromEntries(endpoint.labels.labels) };
  return { ...Object.fromEntries(known), ...labels };
}

/** A flow without what is absent, times as ISO 8601, for people who compare golden files. */
export function readableFlow(flow: Flow): DecodeEvent {
  const { client, server, time, endTime, ...rest } = flow;
  return {
    time: new Date(time).toISOString(),
    ...(endTime === time ? {} : { endTime: new Date(endTime).toISOString() }),
    client: readableEndpoint(client),
    server: readableEndpoint(server),
    ...Object.fromEntries(Object.entries(rest).filter(([key, value]) => !isAbsent(key, value))),
  };
}

/** Everything one decoding of `bytes` gave; flows as they are. */
export function decodeAll(bytes: Buffer, settings: DecodeSettings = {}) {
  const flows: Flow[] = [];
  const events: DecodeEvent[] = [];
  const sink: DecodeSink = {
    flow: (flow) => {
      flows.push(flow);
      events.push({ flow: readableFlow(flow) });
    },
    reject: (reason, detail) => events.push({ reject: reason, detail }),
    skip: (reason) => events.push({ skip: reason }),
    lost: (count) => events.push({ lost: count }),
    namespace: () => {},
  };
  const detector = interpreterOf(settings.format ?? 'auto');
  const context = { cluster: 'test', node: '', interner: new LabelInterner(), options: settings.options ?? {} };
  for (const frame of framesOf(bytes)) {
    if (frame.value === undefined) sink.reject(frame.reason, frame.detail);
    else detector.decode(frame.value, context, sink);
  }
  return { flows, events };
}

/** A scenario folder: `input.*` and, where they are needed, `settings.json`. */
export function decodeScenario(folder: string): string {
  const input = readdirSync(folder).find((name) => name.startsWith('input.'));
  if (input === undefined) throw new Error(`${folder} has no input`);
  const settingsPath = join(folder, 'settings.json');
  const settings = existsSync(settingsPath) ? (JSON.parse(readFileSync(settingsPath, 'utf8')) as DecodeSettings) : {};
  const { events } = decodeAll(readFileSync(join(folder, input)), settings);
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}
