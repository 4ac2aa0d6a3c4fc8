import type { Stage } from '../../model/policy.ts';

/** I1, I2, I8: beside the network plugin, at the server, for TCP alone. Any deny, else any allow. */
export const ISTIO_STAGE: Stage = { name: 'istio', order: 0, combine: 'deny-overrides', layer: 'mesh', protocols: [6] };

/** Policies of this namespace are for the whole mesh (I1). */
export const ROOT_NAMESPACE = 'istio-system';

export const DRY_RUN = 'istio.io/dry-run';
