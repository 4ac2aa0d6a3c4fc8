/** What a SPIFFE identity of a mesh says; everything `''` when it is none. */
export interface MeshIdentity {
  /** `spiffe://td/ns/<namespace>/sa/<account>`. */
  readonly principal: string;
  readonly namespace: string;
  readonly account: string;
}

const SPIFFE = /^(?:spiffe:\/\/)?([^/\s]+)\/ns\/([^/\s]+)\/sa\/([^/\s]+)$/;

/** Reads an identity; of several URIs joined by commas the first counts. A missing scheme is added. */
export function meshIdentity(value: unknown): MeshIdentity {
  const written = typeof value === 'string' ? (value.split(',')[0] ?? '').trim() : '';
  const match = SPIFFE.exec(written);
  if (match === null) return { principal: '', namespace: '', account: '' };
  const [, domain = '', namespace = '', account = ''] = match;
  return { principal: `spiffe://${domain}/ns/${namespace}/sa/${account}`, namespace, account };
}
