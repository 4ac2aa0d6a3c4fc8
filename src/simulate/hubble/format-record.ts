import type { Connection } from '../traffic/source.ts';
import type { Actor, SimNode } from '../world/actor.ts';
import type { Flags, Step } from './steps.ts';

export interface RecordStamp {
  readonly time: string;
  readonly uuid: string;
  /** Leaves out what only people look at: about a third of the bytes. */
  readonly compact: boolean;
}

const FLAGS: Readonly<Record<Flags, { json: string; summary: string }>> = {
  SYN: { json: ',"flags":{"SYN":true}', summary: 'TCP Flags: SYN' },
  'SYN,ACK': { json: ',"flags":{"SYN":true,"ACK":true}', summary: 'TCP Flags: SYN, ACK' },
  ACK: { json: ',"flags":{"ACK":true}', summary: 'TCP Flags: ACK' },
  'FIN,ACK': { json: ',"flags":{"FIN":true,"ACK":true}', summary: 'TCP Flags: FIN, ACK' },
  'RST,ACK': { json: ',"flags":{"RST":true,"ACK":true}', summary: 'TCP Flags: RST, ACK' },
};

/** The node whose agent reports a step; undefined when that end is outside. */
export function observerOf(connection: Connection, step: Step): SimNode | undefined {
  return step.side === 'egress' ? connection.client.node : connection.server.node;
}

/**
 * One line of Hubble's exporter, in the field order of the original: pieces that never change were written once and
 * are only joined here. Ends, addresses and ports stand in packet order.
 */
export function formatRecord(connection: Connection, step: Step, stamp: RecordStamp): string {
  const node = observerOf(connection, step) as SimNode;
  const { client, server, clientAddress, serverAddress } = connection;
  const [source, destination] = step.reply ? [server, client] : [client, server];
  const [from, to] = step.reply ? [serverAddress, clientAddress] : [clientAddress, serverAddress];
  const { time, compact } = stamp;
  const ethernet =
    compact || step.l7 ? '' : `,"ethernet":{"source":"${source.mac}","destination":"${destination.mac}"}`;
  return `{"flow":{"time":"${time}","uuid":"${stamp.uuid}","verdict":${step.verdictJson}${ethernet},"IP":{"source":"${from}"${translated(connection, step)},"destination":"${to}","ipVersion":"${to.includes(':') ? 'IPv6' : 'IPv4'}"},"l4":{${layer4(connection, step)}},"source":${endpoint(source, node)},"destination":${endpoint(destination, node)},"Type":"${step.l7 ? 'L7' : 'L3_L4'}"${compact ? `,"node_name":"${node.name}"` : node.json}${names(connection, step)}${step.l7 && connection.l7 ? `,"l7":${connection.l7[step.l7]}` : ''}${step.eventJson}${service(connection, step)}${step.directionJson}${compact ? '' : extras(connection, step)}},"node_name":"${node.name}","time":"${time}"}\n`;
}

function endpoint(actor: Actor, node: SimNode): string {
  return actor.node === node ? actor.localJson : actor.remoteJson;
}

function layer4({ protocol, clientPort, serverPort, serverAddress }: Connection, step: Step): string {
  if (protocol === 'ICMP') {
    if (serverAddress.includes(':')) return `"ICMPv6":{"type":${step.reply ? 129 : 128}}`;
    return step.reply ? '"ICMPv4":{}' : '"ICMPv4":{"type":8}';
  }
  const [from, to] = step.reply ? [serverPort, clientPort] : [clientPort, serverPort];
  const flags = protocol === 'TCP' && !step.l7 ? FLAGS[step.flags].json : '';
  return `"${protocol}":{"source_port":${from},"destination_port":${to}${flags}}`;
}

/** Replies that come back through a Service still carry its virtual address before translation. */
function translated({ service, serverAddress }: Connection, step: Step): string {
  if (!service || !step.reply || step.side !== 'egress' || step.l7) return '';
  return `,"source_xlated":"${serverAddress.includes(':') ? service.ip6 : service.ip4}"`;
}

function service({ service: found }: Connection, step: Step): string {
  if (!found || step.side !== 'egress') return '';
  const { name, namespace } = found.service;
  return `,"${step.reply ? 'source' : 'destination'}_service":{"name":"${name}","namespace":"${namespace}"}`;
}

function names({ server }: Connection, step: Step): string {
  if (server.namesJson === '' || step.side !== 'egress') return '';
  return `,"${step.reply ? 'source' : 'destination'}_names":${server.namesJson}`;
}

function extras({ client, server, protocol }: Connection, step: Step): string {
  const { interfaceJson } = step.side === 'egress' ? client : server;
  const summary = protocol === 'TCP' ? FLAGS[step.flags].summary : protocol;
  return `${step.l7 ? '' : interfaceJson},"Summary":"${step.l7 ? step.l7 : summary}"`;
}
