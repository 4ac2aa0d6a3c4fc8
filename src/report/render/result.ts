import type { ConnectivityEnd } from '../../evaluate/connectivity/connectivity.ts';
import type { PortSpace } from '../../evaluate/connectivity/ports.ts';
import type { EffectiveSide } from '../../evaluate/explain/effective-rules.ts';

/** Effective rules of some workloads. */
export interface RenderResult {
  readonly ends: readonly ConnectivityEnd[];
  readonly space: PortSpace;
  readonly workloads: readonly RenderedWorkload[];
}

export interface RenderedWorkload {
  /** Number of its end. */
  readonly own: number;
  readonly ingress: EffectiveSide;
  readonly egress: EffectiveSide;
}
