import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP forwarder on a fixed port, so that a server behind it can vanish and come back. */
export interface TcpProxy {
  /** `url` with the proxy's address. */
  through(url: string): string;
  /** `false` refuses and cuts all connections, as when nothing listens. */
  open(yes: boolean): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(Number(port), hostname);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    }
    inner.pipe(outer).pipe(inner);
  });
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  const shut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    through: (url) => url.replace(`:${port}`, `:${own}`),
    open: (yes) => (yes ? listen(own) : shut()),
    close: () => (server.listening ? shut() : Promise.resolve()),
  };
}
