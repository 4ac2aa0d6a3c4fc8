import { antrea } from './antrea.ts';
import { awsVpc } from './aws-vpc.ts';
import { azureFlow } from './azure-flow.ts';
import { calicoEnterprise } from './calico-enterprise.ts';
import type { Decoder } from './decoder.ts';
import { gadget } from './gadget.ts';
import { gcpVpc } from './gcp-vpc.ts';
import { goflow2 } from './goflow2.ts';
import { goldmane } from './goldmane.ts';
import { HUBBLE, RETINA } from './hubble.ts';
import { istio } from './istio.ts';
import { kubescape } from './kubescape.ts';
import { netobserv } from './netobserv.ts';
import { obi } from './obi.ts';
import { ztunnel } from './ztunnel.ts';

/** Every format by the name that `--format` takes, in the order in which they are tried on an unknown record. */
export const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['hubble', HUBBLE],
  ['retina', RETINA],
  ['calico-enterprise', calicoEnterprise],
  ['goldmane', goldmane],
  ['netobserv', netobserv],
  ['goflow2', goflow2],
  ['antrea', antrea],
  ['gcp-vpc', gcpVpc],
  ['azure-flow', azureFlow],
  ['aws-vpc', awsVpc],
  ['istio', istio],
  ['ztunnel', ztunnel],
  ['gadget', gadget],
  ['obi', obi],
  ['kubescape', kubescape],
]);
