import { builtRows } from './build-inventory.ts';
import { isOpen, joinEnds } from './joined-ends.ts';

/** What a reader of single flows asks for; SQL conditions, joined by AND. */
export interface FlowQuestion {
  /** On columns that no inventory changes. */
  readonly always: readonly string[];
  /** On the ends, in terms of the columns `<prefix>_kind`, `_ns`, `_wl`, `_labels`, `_ip`. */
  readonly ends: readonly string[];
  /** Conditions on who holds an address, one for each end that is asked for: `kind`, `ns`, `wl`, `labels` of a holder. */
  readonly holders: readonly { readonly prefix: 'src' | 'dst'; readonly holder: string; readonly told: string }[];
  /** ORDER BY … LIMIT … of the whole question. */
  readonly newest: string;
}

/** Columns of single flows as readers see them. */
const END = ['kind', 'ns', 'wl', 'wl_kind', 'labels', 'peer', 'ip', 'pod', 'port'];
const FLOW = ['ts', 'source', 'node', 'vantage', 'cluster', 'proto', 'verdict', 'reason', 'allowed_by', 'denied_by'];
const MORE = ['dst_names', 'l7', 'topic', 'partition', '`offset`', '`index`'];
const READ = [...FLOW, ...MORE, ...['src', 'dst'].flatMap((prefix) => END.map((name) => `${prefix}_${name}`))];

const OPEN = `(${isOpen('src', 'f')} OR ${isOpen('dst', 'f')})`;

/** What `joinEnds` needs besides: an end's address and members under the names that edges give them. */
const AS_EDGE = [
  ...['src', 'dst'].flatMap((prefix) => [`f.${prefix}_ip AS ${prefix}_addr`, `[f.${prefix}_pod] AS ${prefix}_pods`]),
  ...['[f.dst_ip] AS dst_ips', 'f.dst_port AS told_port', 'f.ts AS time_from', 'f.ts AS time_to'],
];
const JOINED = [...READ, 'src_pods', 'dst_pods', 'told_port'];

/** A Service whose pods are not known keeps its own port: here nobody takes it for a pod's. */
const RESOLVED: Readonly<Record<string, string>> = {
  src_pod: 'j.src_pods[1]',
  dst_pod: 'j.dst_pods[1]',
  dst_port: 'if(j.dst_port = 0, j.told_port, j.dst_port)',
};

/**
 * The flows that answer a question, as a sub-query with `READ`'s columns; what the inventory knows of ends that sources
 * told by address or name only is joined at the time of each flow. Only flows are joined whose addresses were ever held
 * by somebody who is asked for, and without such a condition only as many as are wanted.
 */
export function joinedFlows({ always, ends, holders, newest }: FlowQuestion): string {
  const where = (...more: string[]) => [...always, ...more].join(' AND ');
  const closed = `SELECT ${READ.map((name) => `f.${name} AS ${name}`).join(', ')} FROM flows AS f WHERE ${where(`NOT ${OPEN}`)}`;
  const candidates = `SELECT ${READ.map((name) => `f.${name} AS ${name}`).join(', ')}, ${AS_EDGE.join(', ')} FROM flows AS f
    WHERE ${where(OPEN, ...holders.map(mayMatch))} ${ends.length === 0 ? newest : ''}`;
  const joined = READ.map((name) => `${RESOLVED[name] ?? `j.${name}`} AS ${name}`).join(', ');
  return `(${closed} UNION ALL SELECT ${joined} FROM (${joinEnds(candidates, JOINED)}) AS j)`;
}

/** Who stands behind a Service is found only by the join. */
function mayMatch({ prefix, holder, told }: FlowQuestion['holders'][number]): string {
  const held = `SELECT cluster, address FROM ${builtRows('address_holders')} WHERE kind = 'service' OR (${holder})`;
  return `((f.cluster, f.${prefix}_ip) IN (${held}) OR f.${prefix}_wl != '' OR ${told})`;
}
