import { address } from './address.ts';
import { splitCsv } from './csv.ts';
import type { JsonObject } from './decoder.ts';

const POLICY = ['Name', 'Namespace', 'RuleName', 'RuleAction', 'Type'].map((part) => `NetworkPolicy${part}`);
const policyColumns = (side: string): readonly string[] => POLICY.map((part) => side + part);

/** Columns of the flow aggregator's FlowLogger, which writes no header (pkg/flowaggregator/flowlogger). */
const LOGGER_COLUMNS: readonly string[] = [
  ...['flowStartSeconds', 'flowEndSeconds', 'sourceIP', 'destinationIP'],
  ...['sourceTransportPort', 'destinationTransportPort', 'protocolIdentifier'],
  ...['sourcePodName', 'sourcePodNamespace', 'sourceNodeName'],
  ...['destinationPodName', 'destinationPodNamespace', 'destinationNodeName'],
  ...['destinationClusterIP', 'destinationServiceIP', 'destinationServicePort', 'destinationServicePortName'],
  ...policyColumns('ingress'),
  ...policyColumns('egress'),
  ...['egressName', 'egressIP', 'egressNodeName'],
];

/** Columns of the S3 uploader: those of the ClickHouse table, in newer releases with `destinationServiceIP`. */
const S3_COLUMNS: readonly string[] = [
  ...['flowStartSeconds', 'flowEndSeconds', 'flowEndSecondsFromSourceNode', 'flowEndSecondsFromDestinationNode'],
  ...['flowEndReason', 'sourceIP', 'destinationIP'],
  ...['sourceTransportPort', 'destinationTransportPort', 'protocolIdentifier'],
  ...['packetTotalCount', 'octetTotalCount', 'packetDeltaCount', 'octetDeltaCount'],
  ...['reversePacketTotalCount', 'reverseOctetTotalCount', 'reversePacketDeltaCount', 'reverseOctetDeltaCount'],
  ...['sourcePodName', 'sourcePodNamespace', 'sourceNodeName'],
  ...['destinationPodName', 'destinationPodNamespace', 'destinationNodeName'],
  ...['destinationClusterIP', 'destinationServiceIP', 'destinationServicePort', 'destinationServicePortName'],
  ...policyColumns('ingress'),
  ...policyColumns('egress'),
  ...['tcpState', 'flowType', 'sourcePodLabels', 'destinationPodLabels'],
  ...['throughput', 'reverseThroughput', 'throughputFromSourceNode', 'throughputFromDestinationNode'],
  ...['reverseThroughputFromSourceNode', 'reverseThroughputFromDestinationNode'],
  ...['clusterUUID', 'egressName', 'egressIP', 'egressNodeName'],
];
const SERVICE_IP = S3_COLUMNS.indexOf('destinationServiceIP');
const S3_COLUMNS_BEFORE_SERVICE_IP = S3_COLUMNS.toSpliced(SERVICE_IP, 1);
/** Up to and including the labels; what follows differs between releases and is not needed. */
const S3_LEAST = S3_COLUMNS.indexOf('destinationPodLabels');

const EPOCH = /^\d{9,11}$/;

function columnsOf(fields: readonly string[]): readonly string[] | undefined {
  if (!EPOCH.test(fields[0] ?? '') || !EPOCH.test(fields[1] ?? '')) return undefined;
  if (fields.length === LOGGER_COLUMNS.length && address(fields[2]) !== '') return LOGGER_COLUMNS;
  if (fields.length < S3_LEAST || address(fields[5]) === '') return undefined;
  // A port is always a number; an address never is, not even an empty one.
  return /^\d+$/.test(fields[SERVICE_IP] ?? '') ? S3_COLUMNS_BEFORE_SERVICE_IP : S3_COLUMNS;
}

/** A line of either CSV form as a record with the column names of Antrea's table; `undefined` for any other text. */
export function parseAntreaLine(line: string): JsonObject | undefined {
  if (!EPOCH.test(line.slice(0, line.indexOf(',')))) return undefined;
  const fields = splitCsv(line.trimEnd());
  const columns = columnsOf(fields);
  if (columns === undefined) return undefined;
  return Object.fromEntries(columns.map((column, i) => [column, fields[i] ?? '']));
}
