import type { PortMatcher } from '../../model/policy.ts';
import { hasPorts } from '../../model/ports.ts';
import type { NamedPort } from './facts.ts';
import type { Traffic } from './traffic.ts';
import { both, either, MAYBE, NO, negated, type Truth, truthOf, YES } from './truth.ts';

/** One range, name or ICMP type of a rule; all of one shape, because millions are compared. */
export interface PortTest {
  /** -1 = every protocol. */
  readonly protocol: number;
  readonly from: number;
  readonly to: number;
  /** Whether ports matter at all. */
  readonly anyPort: boolean;
  readonly name: string;
  /** -1 = every type or code. */
  readonly icmpType: number;
  readonly icmpCode: number;
}

const TEST: PortTest = { protocol: -1, from: 0, to: 65_535, anyPort: true, name: '', icmpType: -1, icmpCode: -1 };

export function portTests(matchers: readonly PortMatcher[]): PortTest[] {
  return matchers.flatMap((matcher): PortTest[] => {
    const { protocol = -1 } = matcher;
    if ('portName' in matcher) return [{ ...TEST, protocol, anyPort: false, name: matcher.portName }];
    if ('icmpType' in matcher || 'icmpCode' in matcher) {
      return [{ ...TEST, protocol, icmpType: matcher.icmpType ?? -1, icmpCode: matcher.icmpCode ?? -1 }];
    }
    if (!('ports' in matcher) || matcher.ports === undefined) return [{ ...TEST, protocol }];
    return matcher.ports.map(({ from, to }) => ({ ...TEST, protocol, anyPort: false, from, to }));
  });
}

/** Protocol and port of one end as the tests see them. */
export interface PortFacts {
  readonly protocol: number;
  /** 0 = unknown. */
  readonly port: number;
  /** Container ports of that end; absent = unknown. */
  readonly namedPorts: readonly NamedPort[] | undefined;
  /** -1 = unknown. */
  readonly icmpType: number;
  readonly icmpCode: number;
}

/** Whether one of the tests holds. */
export function matchPorts(tests: readonly PortTest[], facts: PortFacts): Truth {
  let truth: Truth = NO;
  for (let index = 0; index < tests.length && truth !== YES; index++) {
    truth = either(truth, matchPort(tests[index] as PortTest, facts));
  }
  return truth;
}

/** Whether the traffic passes the port criteria of a rule, seen at its server. */
export function matchRulePorts(
  {
    ports,
    notPorts,
  }: { readonly ports: readonly PortTest[] | undefined; readonly notPorts: readonly PortTest[] | undefined },
  facts: PortFacts,
): Truth {
  const wanted = ports === undefined ? YES : matchPorts(ports, facts);
  return notPorts === undefined || wanted === NO ? wanted : both(wanted, negated(matchPorts(notPorts, facts)));
}

function matchPort(test: PortTest, facts: PortFacts): Truth {
  const { protocol, port } = facts;
  if (test.protocol >= 0 && protocol !== 0 && test.protocol !== protocol) return NO;
  const protocolTruth: Truth = test.protocol >= 0 && protocol === 0 ? MAYBE : YES;
  if (test.icmpType >= 0 || test.icmpCode >= 0) return both(protocolTruth, matchIcmp(test, facts));
  if (test.anyPort) return protocolTruth;
  if (protocol !== 0 && !hasPorts(protocol)) return NO;
  if (test.name !== '') return both(protocolTruth, matchPortName(test, facts));
  if (port === 0) return test.from <= 1 && test.to === 65_535 ? protocolTruth : MAYBE;
  return port >= test.from && port <= test.to ? protocolTruth : NO;
}

function matchIcmp(test: PortTest, { icmpType, icmpCode }: PortFacts): Truth {
  const type: Truth = test.icmpType < 0 ? YES : icmpType < 0 ? MAYBE : truthOf(test.icmpType === icmpType);
  const code: Truth = test.icmpCode < 0 ? YES : icmpCode < 0 ? MAYBE : truthOf(test.icmpCode === icmpCode);
  return both(type, code);
}

/** Name and protocol must both agree with a container port (K21). */
function matchPortName(test: PortTest, { protocol, port, namedPorts }: PortFacts): Truth {
  if (namedPorts === undefined) return MAYBE;
  const named = namedPorts.filter(
    ({ name, protocol: own }) => name === test.name && (test.protocol < 0 || own === test.protocol),
  );
  if (named.length === 0) return NO;
  if (protocol === 0 || port === 0) return MAYBE;
  return truthOf(named.some((one) => one.protocol === protocol && one.port === port));
}

/** What the server end of some traffic shows to the tests. */
export function serverPorts(traffic: Traffic, namedPorts: PortFacts['namedPorts']): PortFacts {
  const { protocol, port, icmpType = -1, icmpCode = -1 } = traffic;
  return { protocol, port, namedPorts, icmpType, icmpCode };
}
