import { enumType } from '../../model/columns.ts';
import { ENDPOINT_KINDS } from '../../model/enums.ts';
import { builtRows } from './build-inventory.ts';

type Prefix = 'src' | 'dst';

const ENDS: readonly Prefix[] = ['src', 'dst'];
const NOWHERE = "toIPv6('::')";

/** Kinds that may turn out to be something else once the inventory is asked. */
const OPEN_KINDS = "'unknown', 'pod', 'external', 'private', 'service', 'unmanaged'";

/** Condition: the source did not tell everything that the inventory may know of this end. `of` is a row's alias. */
export function isOpen(prefix: Prefix, of: string): string {
  const column = (name: string) => `${of}.${prefix}_${name}`;
  return (
    `(${column('kind')} IN (${OPEN_KINDS}) AND (${column('labels')} = 0 OR ${column('kind')} = 'service' OR ` +
    `(${column('kind')} = 'pod' AND ${column('wl_kind')} = '')))`
  );
}

/** Joins who held an end's address at `time_from`, as `<prefix>_h`, and what its workload's name tells, as `<prefix>_n`. */
function joins(prefix: Prefix): string {
  const open = isOpen(prefix, 'r');
  const [holder, names] = [`${prefix}_h`, `${prefix}_n`];
  return `ASOF LEFT JOIN ${builtRows('address_holders')} AS ${holder}
    ON r.cluster = ${holder}.cluster AND if(${open}, r.${prefix}_addr, ${NOWHERE}) = ${holder}.address
      AND r.time_from >= ${holder}.begins
    LEFT JOIN ${builtRows('workload_names')} AS ${names}
    ON r.cluster = ${names}.cluster AND r.${prefix}_ns = ${names}.ns
      AND if(${open} AND r.${prefix}_kind = 'pod', toString(r.${prefix}_wl), '') = ${names}.wl`;
}

/** What the joins gave, under names of its own. */
function joined(prefix: Prefix): string {
  const holder = `${prefix}_h`;
  return `${holder}.held = 1 AND r.time_to < ${holder}.leaves AS ${prefix}_held,
    (toString(${holder}.kind), ${holder}.ns, ${holder}.wl, ${holder}.wl_kind, ${holder}.labels, ${holder}.peer) AS ${prefix}_holder,
    ${holder}.pod AS ${prefix}_member,
    arrayFilter(x -> r.${prefix}_wl_kind = '' OR x.1 = r.${prefix}_wl_kind, ${prefix}_n.sets) AS ${prefix}_sets`;
}

/**
 * The holder of an address counts if the address was its own to the end of the row's time, and unless the source names
 * somebody else; then its names are right and ours are old.
 */
function isBelieved(prefix: Prefix): string {
  const [ns, wl, holder] = [`r.${prefix}_ns`, `r.${prefix}_wl`, `r.${prefix}_holder`];
  return (
    `r.${prefix}_held AND (r.${prefix}_labels = 0 OR r.${prefix}_kind = 'service') AND (${ns} = '' OR ${ns} = ${holder}.2) ` +
    `AND (${wl} = '' OR ${wl} = ${holder}.3 OR ${wl} = r.${prefix}_member)`
  );
}

/** What the source told, completed by what the name of the workload tells where that leaves no choice. */
function told(prefix: Prefix): string {
  const column = (name: string) => `r.${prefix}_${name}`;
  const sets = `r.${prefix}_sets`;
  const kind = `if(${column('wl_kind')} = '' AND length(arrayDistinct(${sets}.1)) = 1, ${sets}[1].1, toString(${column('wl_kind')}))`;
  const labels = `if(${column('labels')} = 0 AND length(arrayDistinct(${sets}.2)) = 1, ${sets}[1].2, ${column('labels')})`;
  const texts = (name: string) => `toString(${column(name)})`;
  return `(${texts('kind')}, ${texts('ns')}, ${texts('wl')}, ${kind}, ${labels}, ${texts('peer')})`;
}

/** Workloads behind a Service's port in the time of a row; port 0 = the source did not tell which. */
const BEHIND = `arrayDistinct(arrayMap(b -> (b.3, (b.4, b.5, b.6, b.7, b.8, '')), arrayFilter(
    b -> b.1 = r.proto AND (r.dst_port = 0 OR b.2 = r.dst_port) AND b.9 <= r.time_to AND r.time_from < b.10,
    dst_h.backends)))`;

const NAME = 'LowCardinality(String)';

/** Columns of an end, in the order of the tuples above. */
const END_COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['kind', enumType(ENDPOINT_KINDS)],
  ['ns', NAME],
  ['wl', NAME],
  ['wl_kind', NAME],
  ['labels', 'UInt64'],
  ['peer', NAME],
];

/**
 * The rows of `from` with both ends as the inventory knows them, as far as `columns`. `from` has the columns of an
 * edge, and the times `time_from` and `time_to` of its first and last flow. A Service becomes the workload behind it
 * where there is exactly one; otherwise it stays a Service without a pod port.
 */
export function joinEnds(from: string, columns: readonly string[]): string {
  const kept = [...columns, 'time_from', 'time_to'].map((name) => `r.${name} AS ${name}`).join(', ');
  const found = `SELECT ${kept}, ${ENDS.map(joined).join(', ')}, ${BEHIND} AS behind
    FROM (${from}) AS r ${ENDS.map(joins).join(' ')}`;
  const chosen = `SELECT r.*, ${ENDS.map((end) => `${isBelieved(end)} AS ${end}_known`).join(', ')},
      if(src_known, r.src_holder, ${told('src')}) AS src_end, if(dst_known, r.dst_holder, ${told('dst')}) AS dst_told
    FROM (${found}) AS r`;
  const final = `SELECT r.*, r.dst_told.1 = 'service' AS at_service,
      at_service AND length(r.behind) = 1 AND r.behind[1].1 > 0 AND r.behind[1].2.1 = 'pod' AS one_behind,
      if(one_behind, r.behind[1].2, r.dst_told) AS dst_end FROM (${chosen}) AS r`;
  const replaced = new Map([...ENDS.flatMap(endColumns), ...SERVER_COLUMNS]);
  const result = columns.map((name) => `${replaced.get(name) ?? `f.${name}`} AS ${name}`).join(', ');
  return `SELECT ${result} FROM (${final}) AS f`;
}

function endColumns(prefix: Prefix): [string, string][] {
  return [
    ...END_COLUMNS.map(([name, type], at): [string, string] => [
      `${prefix}_${name}`,
      `CAST(f.${prefix}_end.${at + 1} AS ${type})`,
    ]),
    [`${prefix}_addr`, `if(f.${prefix}_end.1 = 'pod', ${NOWHERE}, f.${prefix}_addr)`],
    ...(prefix === 'src' ? [['src_pods', namedPods('src')] as [string, string]] : []),
  ];
}

function namedPods(prefix: Prefix): string {
  return `if(f.${prefix}_known AND f.${prefix}_member != '', [f.${prefix}_member], f.${prefix}_pods)`;
}

/** Which pod behind a Service answered is not known, and the port of a Service is not that of a pod. */
const SERVER_COLUMNS: readonly (readonly [string, string])[] = [
  ['dst_pods', `if(f.at_service, [], ${namedPods('dst')})`],
  ['dst_ips', 'if(f.one_behind, [], f.dst_ips)'],
  ['dst_port', 'CAST(multiIf(f.one_behind, f.behind[1].1, f.at_service, 0, f.dst_port) AS UInt16)'],
];
