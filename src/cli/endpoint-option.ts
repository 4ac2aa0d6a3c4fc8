import { InvalidArgumentError } from 'commander';
import { ENDPOINT_FORMS, type EndpointQuery, parseEndpointQuery } from '../model/endpoint-query.ts';

/** Reads an endpoint as people type it; commander turns the error into exit code 2. */
export function parseEnd(text: string): EndpointQuery {
  const query = parseEndpointQuery(text);
  if (!query) throw new InvalidArgumentError(`Write ${ENDPOINT_FORMS}.`);
  return query;
}
