import { ANYTHING, type PolicyRule, type PortMatcher, type RuleAction } from '../../model/policy.ts';
import { childField, converted, type Field, type Read, text, wrong } from '../document/fields.ts';
import { anyOf } from '../document/peers.ts';
import type { Peer } from './peers.ts';

/** A rule before its place in the list is known. */
export type UnplacedRule = Omit<PolicyRule, 'index'>;

/** Name of a rule, at most 100 characters. */
export const ruleName: Read<string> = converted(text, (name, field) =>
  name.length <= 100 ? name : wrong(field, 'bad-name', 'a rule name has at most 100 characters', 'Shorten it.'),
);

interface ReadRule {
  readonly name: string | undefined;
  readonly action: RuleAction;
  readonly peers: readonly Peer[];
  readonly ports: readonly PortMatcher[] | undefined;
}

/** A rule of a cluster-wide policy; `field` is the rule. Which peers go with which ports and actions: A8, A10, C7, C10. */
export function tieredRule(read: ReadRule, field: Field): UnplacedRule | undefined {
  const { name = '', action, peers, ports } = read;
  if (action !== 'allow' && peers.some(({ form }) => form === 'names')) {
    const remedy = 'Allow the names, and deny the rest in a later rule.';
    return wrong(childField(field, 'action'), 'bad-rule', 'domainNames can only be allowed', remedy);
  }
  const named = ports?.some((port) => 'portName' in port);
  if (named && peers.some(({ form }) => form === 'addresses' || form === 'names')) {
    const message = 'only pods have named ports; networks, nodes and domainNames have none';
    return wrong(field, 'bad-rule', message, 'Give the port as a number.');
  }
  if (peers.some(({ form }) => form === 'none')) return failClosed(name, action);
  return { name, action, peer: anyOf(peers.map(({ matcher }) => matcher)), ...(ports && { ports }) };
}

/** A12. */
function failClosed(name: string, action: RuleAction): UnplacedRule {
  return action === 'allow' ? { name, action, peer: { match: 'nothing' } } : { name, action: 'deny', peer: ANYTHING };
}
