import {
  childField,
  converted,
  type Field,
  ignored,
  integer,
  list,
  object,
  oneOf,
  type Read,
  required,
  text,
  wrong,
} from '../document/fields.ts';
import { fqdnPattern } from './names.ts';

/** What L7 rules ask beyond addresses and ports. */
export interface L7Rules {
  readonly dns: boolean;
  /** In words; absent when every request fits. */
  readonly condition: string | undefined;
}

const secret = object({ namespace: text, name: required(text) });
const headerMatch = object({
  name: required(text),
  value: text,
  mismatch: oneOf('LOG', 'ADD', 'DELETE', 'REPLACE'),
  secret,
});
const http = object({ path: text, method: text, host: text, headers: list(text), headerMatches: list(headerMatch) });
const kafka = object({ role: text, apiKey: text, apiVersion: text, clientID: text, topic: text });

type Http = NonNullable<ReturnType<typeof http>>;

const fields = object({
  http: list(http),
  kafka: list(kafka),
  dns: list(fqdnPattern),
  l7proto: text,
  l7: list(ignored),
});

/** X26. Rules of one kind only; an empty list asks nothing. */
export const l7Rules: Read<L7Rules> = converted(fields, (read, field) => {
  const kinds = (['http', 'kafka', 'dns', 'l7proto'] as const).filter((kind) => read[kind] !== undefined);
  if (kinds.length > 1) {
    return wrong(field, 'bad-l7', `${kinds.join(' and ')} cannot stand together`, 'Make port rules of their own.');
  }
  if (read.l7 !== undefined && read.l7proto === undefined) {
    return wrong(childField(field, 'l7'), 'bad-l7', 'l7 needs l7proto', 'Name the protocol in l7proto.');
  }
  return { dns: Boolean(read.dns?.length), condition: conditionOf(read) };
});

function conditionOf({ http: requests, kafka: topics, dns, l7proto }: NonNullable<ReturnType<typeof fields>>) {
  if (l7proto !== undefined) return `${l7proto} request that the policy allows`;
  if (topics?.length) return `Kafka request for ${topics.map(({ topic = 'any topic' }) => topic).join(' or ')}`;
  if (dns?.length) return dns.includes('**') ? undefined : `DNS query for ${dns.join(' or ')}`;
  const texts = (requests ?? []).map(requestText);
  return texts.length === 0 || texts.includes('') ? undefined : `HTTP request ${texts.join(' or ')}`;
}

/** A header that is only corrected or logged does not decide. */
function requestText({ method, path, host, headers = [], headerMatches = [] }: Http): string {
  const asked = headerMatches.filter(({ mismatch }) => mismatch === undefined);
  const names = [...headers, ...asked.map(({ name }) => name)].map((header) => header.replace(/[:\s].*$/s, ''));
  const parts = [method, host, path, names.length > 0 ? `with header ${names.join(' and ')}` : undefined];
  return parts.filter(Boolean).join(' ');
}

const tls = object({ secret: required(secret), trustedCA: text, certificate: text, privateKey: text });
const envoyConfig = object({ kind: text, name: required(text) });

/** Fields of a port rule besides its ports. */
export const proxyFields = {
  rules: l7Rules,
  terminatingTLS: tls,
  originatingTLS: tls,
  serverNames: list(text),
  listener: object({ envoyConfig: required(envoyConfig), name: required(text), priority: integer(0, 100) }),
};

export interface ProxyRules {
  readonly rules?: L7Rules | undefined;
  readonly terminatingTLS?: unknown;
  readonly serverNames?: readonly string[] | undefined;
  readonly listener?: { readonly name: string } | undefined;
}

/** X26, X27: everything that a proxy decides, in words. */
export function proxyConditions({ rules, serverNames = [], listener }: ProxyRules): string[] {
  return [
    ...(rules?.condition === undefined ? [] : [rules.condition]),
    ...(serverNames.length > 0 ? [`TLS server name ${serverNames.join(' or ')}`] : []),
    ...(listener ? [`decision of Envoy listener ${listener.name}`] : []),
  ];
}

/** What the agent refuses about proxies at this place; true when it found something. */
export function refusesProxy(read: ProxyRules, field: Field, ingress: boolean): boolean {
  const before = field.findings.length;
  const refuse = (name: string, message: string, remedy: string): void => {
    wrong(childField(field, name), 'bad-l7', message, remedy);
  };
  if (ingress && read.rules?.dns) refuse('rules', 'DNS rules are for egress only', 'Remove them.');
  if (ingress && read.listener) refuse('listener', 'a listener is for egress only', 'Remove it.');
  if (read.listener && read.rules) refuse('listener', 'a listener excludes L7 rules', 'Keep one of the two.');
  if (read.serverNames?.length && read.rules && read.terminatingTLS === undefined) {
    refuse('serverNames', 'with L7 rules they need terminatingTLS', 'Add it, or remove one of the two.');
  }
  return field.findings.length > before;
}
