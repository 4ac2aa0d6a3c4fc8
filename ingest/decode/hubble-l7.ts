import type { JsonObject } from './decoder.ts';
import { count, object, part, text, texts } from './fields.ts';

const DETAIL_LIMIT = 256;

/** The protocol of an `l7` part: `dns`, `http`, `kafka`, `other`; `''` without one. */
export function l7Protocol(l7: JsonObject | undefined): string {
  if (l7 === undefined) return '';
  for (const name of ['dns', 'http', 'kafka']) if (object(l7[name]) !== undefined) return name;
  return 'other';
}

/**
 * One line on what was asked, and the status where the record is an answer: `GET /cart 200`, `A api.example.com`.
 * Never headers, query strings or credentials of a URL: they can hold secrets.
 */
export function l7Detail(l7: JsonObject | undefined): string {
  if (l7 === undefined) return '';
  const http = object(l7.http);
  if (http !== undefined) return httpDetail(http);
  const dns = object(l7.dns);
  if (dns !== undefined) return dnsDetail(dns);
  const kafka = object(l7.kafka);
  if (kafka !== undefined) return `${text(kafka.api_key)} ${text(kafka.topic)}`.trim().slice(0, DETAIL_LIMIT);
  return '';
}

function httpDetail(http: JsonObject): string {
  const code = count(http.code);
  const status = code > 0 ? ` ${code}` : '';
  return `${text(http.method).toUpperCase()} ${urlPath(text(http.url))}`.trim().slice(0, DETAIL_LIMIT) + status;
}

/** `http://user:secret@shop/cart?id=1#top` → `shop/cart`; a bare path stays a path. */
export function urlPath(url: string): string {
  const end = url.search(/[?#;]/);
  const bare = end < 0 ? url : url.slice(0, end);
  const scheme = bare.indexOf('://');
  if (scheme < 0) return bare;
  const rest = bare.slice(scheme + 3);
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  return authority.slice(authority.lastIndexOf('@') + 1) + (slash < 0 ? '' : rest.slice(slash));
}

function dnsDetail(dns: JsonObject): string {
  const types = texts(dns.qtypes).join(',');
  const code = count(dns.rcode);
  const failed = code > 0 ? ` rcode ${code}` : '';
  return `${types} ${withoutDot(text(dns.query))}`.trim().slice(0, DETAIL_LIMIT) + failed;
}

/** `api.example.com.` → `api.example.com`. */
export function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** REQUEST, RESPONSE, SAMPLE or `''`; numbers as in `L7FlowType`. */
export function l7Type(l7: JsonObject | undefined): string {
  const type = part(l7).type;
  if (type === 1) return 'REQUEST';
  return type === 2 ? 'RESPONSE' : text(type);
}
