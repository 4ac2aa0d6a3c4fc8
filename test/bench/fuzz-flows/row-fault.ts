import type { PositionedFlow } from '../../../src/model/batch.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';

/** The longest text and list that one row may bring into the store. */
const TEXT = 4_096;
const LIST = 1_000;

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** What is wrong with a row that no record, however broken, may give; `undefined` for a sound one. */
export function rowFault({ flow }: PositionedFlow): string | undefined {
  const { time, endTime, clientPort, serverPort, servicePort, protocol, icmpType, sampling } = flow;
  if (![time, endTime].every((at) => Number.isInteger(at) && at >= EARLIEST && at < LATEST))
    return `times ${time} to ${endTime}`;
  if (![clientPort, serverPort, servicePort].every((port) => isWhole(port, 65_535)))
    return `ports ${clientPort} ${serverPort} ${servicePort}`;
  if (!isWhole(protocol, 255) || !isWhole(icmpType, 255)) return `protocol ${protocol}, ICMP ${icmpType}`;
  const counters = [flow.bytesForward, flow.bytesReverse, flow.packetsForward, flow.packetsReverse];
  if (!counters.every((counter) => isWhole(counter, Number.MAX_SAFE_INTEGER))) return `counters ${counters}`;
  if (!isWhole(flow.connections, 2 ** 32 - 1) || !isWhole(sampling, 2 ** 32 - 1) || sampling === 0)
    return `connections ${flow.connections}, sampling ${sampling}`;
  if (!/^\d{1,20}$/.test(flow.eventId)) return `event id ${flow.eventId}`;
  return textFault({ ...flow }) ?? endFault('client', flow.client) ?? endFault('server', flow.server);
}

function isWhole(value: number, largest: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= largest;
}

function endFault(which: string, end: Endpoint): string | undefined {
  if (!isWhole(end.identity, 2 ** 32 - 1)) return `${which}.identity ${end.identity}`;
  if (end.labels.labels.size > LIST) return `${which} has ${end.labels.labels.size} labels`;
  const fault = textFault({ ...end });
  return fault && `${which}.${fault}`;
}

function textFault(fields: Record<string, unknown>): string | undefined {
  for (const [key, value] of Object.entries(fields)) {
    const texts = Array.isArray(value) ? value : [value];
    if (texts.length > LIST) return `${key} has ${texts.length} members`;
    for (const text of texts)
      if (typeof text === 'string' && text.length > TEXT) return `${key} is ${text.length} long`;
    if (Array.isArray(value) && !value.every((member) => typeof member === 'string')) return `${key} holds no texts`;
  }
  return undefined;
}
