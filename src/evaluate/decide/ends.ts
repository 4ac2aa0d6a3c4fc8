import { type Compiled, classOf } from '../compile/compile.ts';
import type { EndpointClass } from '../compile/endpoint-class.ts';
import { type PortFacts, serverPorts } from '../match/port.ts';
import type { Traffic } from '../match/traffic.ts';

/** Some traffic with both its ends looked up, once for the two sides. */
export interface Ends {
  readonly traffic: Traffic;
  readonly client: EndpointClass;
  readonly server: EndpointClass;
  readonly ports: PortFacts;
}

export function endsOf(compiled: Compiled, traffic: Traffic): Ends {
  const client = classOf(compiled, traffic.client, traffic.clientPrincipal);
  const server = classOf(compiled, traffic.server, traffic.serverPrincipal);
  return { traffic, client, server, ports: serverPorts(traffic, server.namedPorts) };
}
