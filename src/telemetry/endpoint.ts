import { createServer, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { Failure } from '../util/failure.ts';

/** What `/healthz` and `/readyz` answer: `ok`, or what is wrong. */
export type Check = () => 'ok' | (string & {});

export interface EndpointOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly registry: Registry;
  /** Wrong means: restart this process. */
  readonly healthy: Check;
  /** Wrong means: this process is alive but does not make progress at the moment. */
  readonly ready: Check;
}

/** An HTTP server with `/metrics` (Prometheus), `/healthz` and `/readyz`. */
export interface Endpoint {
  readonly address: string;
  close(): Promise<void>;
}

/** Starts the endpoint. Throws a `Failure` when the address cannot be bound. */
export async function serveTelemetry(options: EndpointOptions): Promise<Endpoint> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', response, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const where = `${options.host}:${options.port}`;
      reject(new Failure('input', `cannot listen on ${where}: ${error.message}`, 'Choose another address.'));
    });
    server.listen(options.port, options.host, resolve);
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  return {
    address: `${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(url: string, response: ServerResponse, options: EndpointOptions): Promise<void> {
  const path = url.split('?')[0];
  if (path === '/metrics') {
    response.writeHead(200, { 'content-type': options.registry.contentType });
    response.end(await options.registry.metrics());
    return;
  }
  const check = path === '/healthz' ? options.healthy : path === '/readyz' ? options.ready : undefined;
  const state = check?.() ?? 'not found';
  response.writeHead(check === undefined ? 404 : state === 'ok' ? 200 : 503, { 'content-type': 'text/plain' });
  response.end(`${state}\n`);
}
