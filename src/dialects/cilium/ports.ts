import type { PortMatcher } from '../../model/policy.ts';
import {
  childField,
  converted,
  type Field,
  integer,
  list,
  object,
  oneOf,
  type Read,
  required,
  text,
  warn,
  wrong,
} from '../document/fields.ts';
import { type ProxyRules, proxyConditions, proxyFields, refusesProxy } from './l7.ts';

/** One way in which ports match, with what a proxy asks besides. */
export interface PortRule {
  readonly ports: readonly PortMatcher[];
  readonly conditions: readonly string[];
}

/** X25: more are refused. */
export const MAX_PORTS = 40;

/** X24: the protocols that ANY stands for. */
const ANY = [6, 17, 132] as const;
const PROTOCOLS: Readonly<Record<string, readonly number[]>> = { ANY, TCP: [6], UDP: [17], SCTP: [132] };
/** Behind a flag of the agent; they have no ports. */
const PORTLESS: Readonly<Record<string, number>> = { VRRP: 112, IGMP: 2, GRE: 47, IPIP: 4, ESP: 50, AH: 51 };
const ALL_PROTOCOLS = [...Object.keys(PROTOCOLS), ...Object.keys(PORTLESS)];

const SERVICE_NAME = /^(?=.*[a-z])(?!-)(?!.*--)[a-z0-9-]{1,15}(?<!-)$/;
const NUMBER = /^(0|[1-9]\d{0,4})$/;

const fields = object({ port: required(text), endPort: integer(0, 65_535), protocol: oneOf(...ALL_PROTOCOLS) });

interface Port {
  readonly protocol: string;
  readonly zero: boolean;
  readonly range: boolean;
  readonly matchers: readonly PortMatcher[];
}

const port: Read<Port> = converted(fields, (read, field) => {
  const { protocol = 'ANY', endPort = 0 } = read;
  const name = read.port.toLowerCase();
  const number = NUMBER.test(name) ? Number(name) : undefined;
  const range = number !== undefined && endPort > number;
  if (endPort > 0 && (number === undefined || endPort < number)) {
    const message = number === undefined ? 'endPort cannot follow a port name' : `endPort is below port ${number}`;
    return wrong(
      childField(field, 'endPort'),
      'bad-port-range',
      message,
      'Give a number, and an endPort not below it.',
    );
  }
  if (number === undefined ? !SERVICE_NAME.test(name) : number > 65_535) {
    const remedy = 'Write a number up to 65535 or the name of a container port, in quotes.';
    return wrong(childField(field, 'port'), 'bad-port', `"${read.port.slice(0, 80)}" is no port`, remedy);
  }
  const portless = PORTLESS[protocol];
  if (portless !== undefined) {
    warn(
      childField(field, 'protocol'),
      'behind-a-flag',
      `${protocol} needs an agent that is told to filter it`,
      'Check.',
    );
    return { protocol, zero: true, range, matchers: [{ protocol: portless }] };
  }
  const of = PROTOCOLS[protocol] ?? ANY;
  const matchers = of.map((one): PortMatcher => {
    if (number === undefined) return { portName: name, protocol: one };
    return number === 0 && !range
      ? { protocol: one }
      : { protocol: one, ports: [{ from: number, to: Math.max(number, endPort) }] };
  });
  return { protocol, zero: number === 0, range, matchers };
});

/** An item of `toPorts`. Without ports it allows nothing (X12). */
export function portRule(ingress: boolean): Read<PortRule> {
  return converted(object({ ports: list(port, MAX_PORTS), ...proxyFields }), (read, field) => {
    const { ports = [] } = read;
    warnIfEmpty(ports, field);
    const refused = refusesProxy(read, field, ingress);
    return refused || refusesPorts(read, ports, field)
      ? undefined
      : { ports: flat(ports), conditions: proxyConditions(read) };
  });
}

/** An item of `toPorts` below a deny section: ports and nothing else (X26). */
export const denyPortRule: Read<PortRule> = converted(
  object({ ports: list(port, MAX_PORTS) }),
  ({ ports = [] }, field) => {
    warnIfEmpty(ports, field);
    return { ports: flat(ports), conditions: [] };
  },
);

function flat(ports: readonly Port[]): PortMatcher[] {
  return ports.flatMap(({ matchers }) => matchers);
}

function warnIfEmpty(ports: readonly Port[], field: Field): void {
  if (ports.length > 0) return;
  const remedy = 'Name the ports, or remove toPorts to mean every port; older releases took it for every port.';
  warn(field, 'no-ports', 'a port rule without ports matches nothing', remedy);
}

/** X26: L7 rules are about TCP, or DNS, on ports that are named. */
function refusesPorts({ rules, serverNames }: ProxyRules, ports: readonly Port[], field: Field): boolean {
  const before = field.findings.length;
  const proxied = rules !== undefined && (rules.condition !== undefined || rules.dns);
  for (const [index, { protocol, zero, range }] of ports.entries()) {
    const place = childField(childField(field, 'ports'), index);
    const allowed = rules?.dns ? protocol !== 'SCTP' && PORTLESS[protocol] === undefined : protocol === 'TCP';
    if (proxied && !allowed) {
      wrong(
        place,
        'bad-l7',
        `L7 rules cannot be about ${protocol}`,
        'Write protocol: TCP; DNS rules may use UDP or ANY.',
      );
    } else if (serverNames?.length && protocol !== 'TCP') {
      wrong(place, 'bad-l7', 'server names are told by TLS over TCP only', 'Write protocol: TCP.');
    }
    if (proxied && zero) wrong(place, 'bad-l7', 'L7 rules need a port', 'Name the port.');
    if (rules?.dns && range) wrong(place, 'bad-l7', 'DNS rules know no port ranges', 'Name single ports.');
  }
  return field.findings.length > before;
}
