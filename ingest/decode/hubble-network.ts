import { COMMA, endOfNumber, endOfValue, OPEN_OBJECT, UNREAD, wholeNumber } from './json-bytes.ts';
import { afterLast, MemberNames } from './json-members.ts';
import { JsonMemory } from './json-memory.ts';

const IP = new MemberNames(['source', 'source_xlated', 'destination', 'ipVersion', 'encrypted']);
const LAYER4 = new MemberNames(['TCP', 'UDP', 'SCTP']);
const PORTS = new MemberNames(['source_port', 'destination_port', 'flags']);

/** What stands under `IP` of a flow message, as far as it is read. */
export class Addresses {
  source: unknown = undefined;
  destination: unknown = undefined;
}

/** What stands under `l4`, for protocols with ports. */
export class Layer4 {
  TCP: Ports | undefined = undefined;
  UDP: Ports | undefined = undefined;
  SCTP: Ports | undefined = undefined;
}

class Ports {
  source_port: unknown = undefined;
  destination_port: unknown = undefined;
  flags: unknown = undefined;
}

/** Reads the two members of a flow message that say where its packet was on the network. */
export class HubbleNetwork {
  readonly #addresses = new JsonMemory(32_768);
  readonly #flags = new JsonMemory(64);
  /** Where the member read last ends. */
  end = UNREAD;

  /** The addresses in the object that begins at `from`; `undefined` when that is left to `JSON.parse`. */
  addresses(bytes: Buffer, from: number): Addresses | undefined {
    if (bytes[from] !== OPEN_OBJECT) return undefined;
    const found = new Addresses();
    let at = from;
    let name = UNREAD;
    do {
      name = IP.find(bytes, at + 1, name);
      const value = IP.value;
      at = name === UNREAD ? UNREAD : endOfValue(bytes, value);
      if (at === UNREAD) return undefined;
      if (name === 0) found.source = this.#addresses.value(bytes, value, at);
      else if (name === 2) found.destination = this.#addresses.value(bytes, value, at);
    } while (bytes[at] === COMMA);
    this.end = afterLast(bytes, at);
    return this.end === UNREAD ? undefined : found;
  }

  /** The ports in the object that begins at `from`; `undefined` when there is anything else in it. */
  layer4(bytes: Buffer, from: number): Layer4 | undefined {
    const name = bytes[from] === OPEN_OBJECT ? LAYER4.find(bytes, from + 1, UNREAD) : UNREAD;
    if (name === UNREAD) return undefined;
    const found = new Layer4();
    const ports = new Ports();
    if (name === 0) found.TCP = ports;
    else if (name === 1) found.UDP = ports;
    else found.SCTP = ports;
    const at = this.#readPorts(bytes, LAYER4.value, ports);
    this.end = at === UNREAD ? UNREAD : afterLast(bytes, at);
    return this.end === UNREAD ? undefined : found;
  }

  #readPorts(bytes: Buffer, from: number, ports: Ports): number {
    if (bytes[from] !== OPEN_OBJECT) return UNREAD;
    let at = from;
    let name = UNREAD;
    do {
      name = PORTS.find(bytes, at + 1, name);
      const value = PORTS.value;
      if (name === UNREAD) return UNREAD;
      at = name === 2 ? endOfValue(bytes, value) : endOfNumber(bytes, value);
      if (at === UNREAD) return UNREAD;
      if (name === 2) ports.flags = this.#flags.value(bytes, value, at);
      else if (name === 0) ports.source_port = wholeNumber(bytes, value, at);
      else ports.destination_port = wholeNumber(bytes, value, at);
    } while (bytes[at] === COMMA);
    return afterLast(bytes, at);
  }
}
