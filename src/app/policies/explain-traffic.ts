import { compile } from '../../evaluate/compile/compile.ts';
import { withExternalBlocks } from '../../evaluate/connectivity/addresses.ts';
import { decide } from '../../evaluate/decide/decide.ts';
import { smallestChanges } from '../../evaluate/explain/smallest-change.ts';
import type { Traffic } from '../../evaluate/match/traffic.ts';
import type { EndpointQuery } from '../../model/endpoint-query.ts';
import type { Finding } from '../../model/finding.ts';
import { PROTOCOL_NUMBERS } from '../../model/ports.ts';
import { explainJson, explainTable } from '../../report/explain/explanation.ts';
import { Failure } from '../../util/failure.ts';
import type { EndOptions } from './estate-ends.ts';
import { type Estate, type EstateSource, loadEstate } from './load-estate.ts';
import { type ResolvedEnd, resolveEnd } from './resolve-end.ts';

/** An end as it was typed. */
export interface AskedEnd {
  readonly text: string;
  readonly query: EndpointQuery;
}

/** `8080`, `53/UDP`, `http`, `ICMP`. */
export interface AskedService {
  readonly protocol: number;
  /** 0 for protocols without ports. */
  readonly port: number;
  /** Name of a container port of the destination. */
  readonly name?: string;
}

export interface ExplainRequest extends EndOptions {
  readonly estate: EstateSource;
  readonly from: AskedEnd;
  readonly to: AskedEnd;
  readonly service: AskedService;
  readonly format: 'table' | 'json';
}

export interface ExplainOutcome {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  readonly text?: string;
}

/** One verdict with its trail on both sides, and what would turn it. */
export async function explainTraffic(request: ExplainRequest): Promise<ExplainOutcome> {
  // 1. Policies, workloads, and which of them are meant.
  const estate = await loadEstate(request.estate);
  if (estate.broken) return { findings: estate.findings, notes: [] };
  const place = { estate, options: request };
  const from = resolveEnd(request.from.query, request.from.text, place);
  const to = resolveEnd(request.to.query, request.to.text, place);

  // 2. The verdict of every pair of forms they occur in.
  const set = request.ipBlocks === 'external' ? withExternalBlocks(estate.policySet) : estate.policySet;
  const compiled = compile(set, estate.inventory);
  const verdicts = packets(from, to, { service: request.service, estate }).map((traffic) => ({
    traffic,
    verdict: decide(compiled, traffic),
  }));
  const [first] = verdicts;
  if (first === undefined) throw new Failure('input', 'there is nothing to explain', 'Name two ends.');
  const others = verdicts.filter(({ verdict }) => verdict.decision !== first.verdict.decision);

  // 3. What would turn it, and the words for it.
  const changes = smallestChanges({ set, inventory: estate.inventory, ...first });
  const explanation = { ...first, changes, policySet: set };
  const notes =
    others.length > 0
      ? [`pods of these workloads are not all decided alike; shown is the first of ${verdicts.length} combinations`]
      : [];
  return {
    findings: estate.findings,
    notes: [...estate.notes, ...notes],
    text: request.format === 'json' ? explainJson(explanation) : explainTable(explanation),
  };
}

interface Asked {
  readonly service: AskedService;
  readonly estate: Estate;
}

/** Every combination, at most a hundred: forms of one workload rarely differ for policies. */
function packets(from: ResolvedEnd, to: ResolvedEnd, asked: Asked): Traffic[] {
  const { protocol } = asked.service;
  return from.members
    .flatMap((client) => to.members.map((server) => ({ client, server, protocol, port: portAt(server, asked), to })))
    .slice(0, 100)
    .map(({ to: _, ...traffic }) => traffic);
}

function portAt(server: Traffic['server'], { service, estate }: Asked): number {
  const { name, protocol } = service;
  if (name === undefined) return service.port;
  const workload = estate.inventory.workloads.find(
    (one) => one.namespace === server.namespace && one.name === server.workload && one.labels.id === server.labels.id,
  );
  const named = workload?.namedPorts.find((one) => one.name === name && one.protocol === protocol);
  if (named !== undefined) return named.port;
  const known = (workload?.namedPorts ?? []).map((one) => `${one.name} (${one.port})`).join(', ') || 'none';
  throw new Failure('input', `the destination has no container port ${name}`, `Write a number; names there: ${known}.`);
}

/** Reads `PORT`, `PORT/PROTOCOL`, `name`, `name/PROTOCOL` or a protocol without ports; absent when it is none. */
export function parseService(text: string): AskedService | undefined {
  const [start = '', word, ...rest] = text.split('/');
  const numberOf = (name: string): number | undefined =>
    Object.entries(PROTOCOL_NUMBERS).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
  if (rest.length > 0) return undefined;
  const alone = word === undefined ? numberOf(start) : undefined;
  if (alone !== undefined) return { protocol: alone, port: 0 };
  const protocol = numberOf(word ?? 'TCP');
  if (protocol === undefined) return undefined;
  if (/^\d+$/.test(start))
    return Number(start) >= 1 && Number(start) <= 65_535 ? { protocol, port: Number(start) } : undefined;
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(start) ? { protocol, port: 0, name: start } : undefined;
}
