import { converted, object, type Read, text, wrong } from '../document/fields.ts';

const http = object({ host: text, method: text, path: text });
const tls = object({ sni: text });

/** N14: what a connection must turn out to be, in words. */
export const l7Protocol: Read<string> = converted(object({ http, tls }), (read, field) => {
  if ((read.http === undefined) === (read.tls === undefined)) {
    return wrong(field, 'bad-l7', 'it needs exactly one of http and tls', 'Make them two list items.');
  }
  if (read.tls) return `TLS connection${read.tls.sni ? ` to ${read.tls.sni}` : ''}`;
  const { method, host = '', path = '' } = read.http ?? {};
  return ['HTTP request', method, `${host}${path}`].filter(Boolean).join(' ');
});
