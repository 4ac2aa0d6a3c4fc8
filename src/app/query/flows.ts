import type { AskedWindow } from '../../model/asked-window.ts';
import { endpointJson } from '../../model/endpoint-json.ts';
import { protocolName } from '../../model/ports.ts';
import { type OpenStoreOptions, openStore } from '../../store/client.ts';
import { type FlowFilter, readFlows, type StoredEnd, type StoredFlow } from '../../store/read/flows.ts';
import { resolveWindow } from '../../store/read/window.ts';
import { formatTable } from '../../util/table.ts';
import { edgeEndName } from './edges.ts';
import { isoTime, jsonArray, type QueryResult, shortTime } from './output.ts';

export interface FlowQuestion extends FlowFilter, AskedWindow {
  readonly store: OpenStoreOptions;
  /** 0 = all. */
  readonly limit: number;
  readonly format: { readonly name: 'table' | 'json'; readonly width: number | undefined };
}

/** Single flow records that match, newest first. */
export async function queryFlows(question: FlowQuestion): Promise<QueryResult> {
  const store = await openStore(question.store);
  try {
    const window = await resolveWindow(store, question);
    const limit = question.limit > 0 ? question.limit + 1 : 0; // one more tells whether there are more
    const flows: StoredFlow[] = [];
    for await (const some of readFlows(store, window, question, limit)) for (const flow of some) flows.push(flow);
    const shown = question.limit > 0 ? flows.slice(0, question.limit) : flows;
    const text = question.format.name === 'json' ? jsonArray(shown, flowJson) : tableOf(shown, question.format.width);
    return { text, shown: shown.length, found: flows.length };
  } finally {
    await store.close();
  }
}

function flowJson(flow: StoredFlow): unknown {
  const { position, serverNames, l7 } = flow;
  return {
    time: isoTime(flow.time),
    verdict: flow.verdict,
    reason: flow.reason,
    client: endJson(flow.client),
    server: endJson(flow.server),
    protocol: protocolName(flow.protocol),
    port: flow.server.port,
    vantage: flow.vantage,
    cluster: flow.client.cluster,
    node: flow.node,
    source: flow.format,
    allowedBy: flow.allowedBy,
    deniedBy: flow.deniedBy,
    ...(serverNames.length > 0 ? { serverNames } : {}),
    ...(l7 === '' ? {} : { l7 }),
    origin: position,
  };
}

function endJson(end: StoredEnd): unknown {
  const { pod, address, port } = end;
  return { ...endpointJson(end), ...(pod === '' ? {} : { pod }), address, port };
}

function tableOf(flows: readonly StoredFlow[], width: number | undefined): string[] {
  const columns = [
    { title: 'TIME', least: 19 },
    { title: 'VERDICT', least: 7 },
    { title: 'REASON' },
    { title: 'CLIENT', least: 16 },
    { title: 'SERVER', least: 16 },
    { title: 'PORT', least: 9 },
    { title: 'SEEN AT' },
    { title: 'POLICIES' },
  ];
  const rows = flows.map((flow) => [
    shortTime(flow.time),
    flow.verdict,
    flow.reason === 'none' ? '' : flow.reason,
    nameOf(flow.client),
    nameOf(flow.server),
    `${flow.server.port}/${protocolName(flow.protocol)}`,
    flow.vantage,
    [...flow.deniedBy, ...flow.allowedBy].join(' '),
  ]);
  return flows.length === 0 ? [] : [formatTable(columns, rows, width)];
}

function nameOf(end: StoredEnd): string {
  return end.pod === '' ? edgeEndName(end) : `${end.namespace}/${end.pod}`;
}
