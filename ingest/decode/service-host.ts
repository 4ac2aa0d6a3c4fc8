/** A Service as its DNS name tells it; everything `''` for names outside the cluster. */
export interface ServiceHost {
  readonly serviceName: string;
  readonly serviceNamespace: string;
}

const IN_CLUSTER = /^([^.]+)\.([^.]+)\.svc(?:\.|$)/;

/** `echo.default.svc.cluster.local` → `echo` in `default`. */
export function serviceHost(host: string): ServiceHost {
  const match = IN_CLUSTER.exec(host);
  return { serviceName: match?.[1] ?? '', serviceNamespace: match?.[2] ?? '' };
}
