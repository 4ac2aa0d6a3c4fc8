import type { JsonObject } from './decoder.ts';

/** Columns of the default format, version 2. */
export const AWS_DEFAULT_FORMAT: readonly string[] =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
    ' ',
  );

/** Fields of versions 2 to 8 as the AWS user guide lists them; a header line consists of such names. */
const KNOWN = new Set([
  ...AWS_DEFAULT_FORMAT,
  ...['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'pkt-srcaddr', 'pkt-dstaddr'],
  ...['region', 'az-id', 'sublocation-type', 'sublocation-id'],
  ...['pkt-src-aws-service', 'pkt-dst-aws-service', 'flow-direction', 'traffic-path'],
  ...['ecs-cluster-arn', 'ecs-cluster-name', 'ecs-container-instance-arn', 'ecs-container-instance-id'],
  ...['ecs-container-id', 'ecs-second-container-id', 'ecs-service-name', 'ecs-task-definition-arn'],
  ...['ecs-task-arn', 'ecs-task-id', 'reject-reason'],
]);

const FORMAT_CACHE = new Map<string, readonly string[]>();

/** A format as the console shows it, `${version} ${account-id} …`, as a header, or comma-separated → column names. */
export function parseAwsFormat(format: string): readonly string[] {
  const known = FORMAT_CACHE.get(format);
  if (known !== undefined) return known;
  const columns = format
    .replace(/[${}]/g, '')
    .split(/[\s,]+/)
    .filter((name) => name !== '');
  if (FORMAT_CACHE.size < 64) FORMAT_CACHE.set(format, columns);
  return columns;
}

/**
 * Whether the line is a header (files in S3 begin with one). Its text is then a format for the lines after it. Names
 * of versions to come may stand among known ones.
 */
export function isAwsHeader(line: string): boolean {
  if (/[\d]/.test(line.charAt(0)) || line.length > 4096) return false;
  const names = line.trim().split(/\s+/);
  const known = names.filter((name) => KNOWN.has(name)).length;
  return known >= 4 && known * 2 > names.length && names.every((name) => /^[a-z][a-z0-9-]*$/.test(name));
}

/** What a line that AWS itself wrote does not have: blanks at its ends, several in a row, or others than spaces. */
const OTHER_BLANKS = /^\s|\s$|\s\s|[^\S ]/;

/** The values of a line under their column names; `undefined` when their numbers differ. */
export function parseAwsLine(line: string, columns: readonly string[]): JsonObject | undefined {
  const values = OTHER_BLANKS.test(line) ? line.trim().split(/\s+/) : line.split(' ');
  if (values.length !== columns.length) return undefined;
  const record: Record<string, string> = {};
  for (let i = 0; i < columns.length; i++) record[columns[i] as string] = values[i] as string;
  return record;
}

/** Whether the text looks like a line of the default or a longer format: a version, and at least its 14 columns. */
export function looksLikeAwsLine(line: string): boolean {
  return /^(?:[2-9]|10) \S+(?: \S+){12,}\s*$/.test(line);
}
