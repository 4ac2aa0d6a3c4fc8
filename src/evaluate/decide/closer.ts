import { endpointName } from '../../model/endpoint.ts';
import type { Side } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import type { Compiled } from '../compile/compile.ts';
import type { PlannedRule } from '../compile/plan.ts';
import type { Segment } from '../compile/subject-group.ts';
import { type End, matchEndpoint, type Question } from '../match/endpoint.ts';
import { matchRulePorts } from '../match/port.ts';
import type { Traffic } from '../match/traffic.ts';
import { both, either, MAYBE, NO, type Truth, YES } from '../match/truth.ts';
import type { Ends } from './ends.ts';
import type { Closer } from './walk.ts';

/** Looks at everything this traffic tells, and notes what else would have to be known. */
export class CloserLook implements Closer {
  readonly missing = new Set<string>();
  readonly #ends: Ends;
  readonly #near: Question;
  readonly #distant: Question;

  constructor(compiled: Compiled, side: Side, ends: Ends) {
    const client = clientEnd(ends);
    const server = serverEnd(ends);
    const { cells, profile } = compiled;
    const { ipBlockMatchesPods, ipBlockMatchesNodes } = profile;
    const { sameNode } = ends.traffic;
    const known = { ipBlockMatchesPods, ipBlockMatchesNodes, cells, sameNode, missing: undefined };
    const [own, far] = side === 'egress' ? [client, server] : [server, client];
    this.#ends = ends;
    this.#near = { end: own, other: far, ...known };
    this.#distant = { end: far, other: own, ...known };
  }

  /** Whether one of the segment's isolating policies selects the near end. */
  isolates(segment: Segment): Truth {
    const near = { ...this.#near, missing: this.missing };
    return segment.selecting.reduce<Truth>(
      (truth, { policy }) => (policy.isolates ? either(truth, matchEndpoint(policy.policy.subject, near)) : truth),
      NO,
    );
  }

  /** Whether the far end, and what the rule says of the near end, match. */
  peer({ rule }: PlannedRule): Truth {
    const truth = matchEndpoint(rule.peer, this.#distant);
    return rule.self === undefined || truth === NO ? truth : both(truth, matchEndpoint(rule.self, this.#near));
  }

  /** Whether the whole rule matches, given what is known of its ports. */
  rule(planned: PlannedRule, ports: Truth): Truth {
    const peer = this.peer(planned);
    const ends = peer === NO ? NO : both(peer, matchEndpoint(planned.policy.policy.subject, this.#near));
    const truth = ends === NO ? NO : both(both(ends, ports), beyond(planned, this.#ends));
    if (truth === MAYBE) this.#noteMissing(planned);
    return truth;
  }

  /** Asks again what is open, for the names of the gaps. */
  #noteMissing(planned: PlannedRule): void {
    const { missing } = this;
    const { policy, rule, ports, notPorts } = planned;
    matchEndpoint(policy.policy.subject, { ...this.#near, missing });
    matchEndpoint(rule.peer, { ...this.#distant, missing });
    if (rule.self !== undefined) matchEndpoint(rule.self, { ...this.#near, missing });
    const open = (ports || notPorts) && matchRulePorts({ ports, notPorts }, this.#ends.ports) === MAYBE;
    if (open) missing.add(missingPort(this.#ends.traffic));
    if (matchSourcePorts(planned, this.#ends) === MAYBE) missing.add('source port');
    for (const condition of rule.conditions ?? []) missing.add(condition);
  }
}

function clientEnd({ traffic, client: { facts } }: Ends): End {
  const { client, clientAddresses = [] } = traffic;
  return { facts, endpoint: client, addresses: clientAddresses, names: [] };
}

function serverEnd({ traffic, server: { facts } }: Ends): End {
  const { server, serverAddresses = [], serverNames = [] } = traffic;
  return { facts, endpoint: server, addresses: serverAddresses, names: serverNames };
}

/** Source ports and conditions: what neither ends nor service port tell. */
function beyond(planned: PlannedRule, ends: Ends): Truth {
  const source = matchSourcePorts(planned, ends);
  return planned.rule.conditions?.length ? both(source, MAYBE) : source;
}

/** Names of source ports are those of the client's own container ports. */
function matchSourcePorts({ sourcePorts, notSourcePorts }: PlannedRule, ends: Ends): Truth {
  if (sourcePorts === undefined && notSourcePorts === undefined) return YES;
  const { namedPorts } = ends.client;
  const source = { ...ends.ports, port: ends.traffic.clientPort ?? 0, namedPorts };
  return matchRulePorts({ ports: sourcePorts, notPorts: notSourcePorts }, source);
}

function missingPort({ protocol, port, server }: Traffic): string {
  if (protocol === 0) return 'protocol';
  if (protocol === 1 || protocol === 58) return `${protocolName(protocol)} type`;
  return port === 0 ? 'port' : `container port names of ${endpointName(server)}`;
}
