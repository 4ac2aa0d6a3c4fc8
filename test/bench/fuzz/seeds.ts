/**
 * Valid documents, at least one of every kind that a reader takes, with as many of its fields as fit together. Mutants
 * are made of these, so what is not in here is not fuzzed.
 */
export const SEEDS = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop, labels: {team: a}, annotations: {note: "x"}}
spec:
  podSelector: {matchLabels: {app: api}, matchExpressions: [{key: tier, operator: In, values: [web, api]}]}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
        - namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [b]}]}
          podSelector: {matchExpressions: [{key: app, operator: Exists}]}
        - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
      ports:
        - {protocol: TCP, port: 8080, endPort: 8090}
        - {port: http}
  egress:
    - to: [{ipBlock: {cidr: "2001:db8::/32"}}]
      ports: [{protocol: UDP, port: 53}]
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: wide}
spec:
  tier: Admin
  priority: 10
  subject: {pods: {namespaceSelector: {matchLabels: {team: a}}, podSelector: {matchLabels: {app: api}}}}
  ingress:
    - name: delegate
      action: Pass
      from: [{namespaces: {matchLabels: {team: b}}}]
      protocols: [{tcp: {destinationPort: {number: 80}}}, {udp: {destinationPort: {range: {start: 1, end: 99}}}}]
  egress:
    - {name: out, action: Accept, to: [{networks: [192.0.2.0/24]}]}
    - {name: rest, action: Deny, to: [{pods: {namespaceSelector: {}, podSelector: {}}}]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: first}
spec:
  priority: 5
  subject: {namespaces: {matchLabels: {team: a}}}
  ingress:
    - {name: one, action: Allow, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 80}}]}
  egress:
    - name: two
      action: Deny
      to: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}]
      ports: [{portRange: {protocol: UDP, start: 1, end: 10}}, {namedPort: http}]
    - {name: three, action: Pass, to: [{networks: [10.0.0.0/8]}]}
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec:
  subject: {pods: {namespaceSelector: {}, podSelector: {}}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: security.api, namespace: shop}
spec:
  tier: security
  order: 10
  selector: app == 'api' && has(tier) || !(env in {'test', "dev"})
  serviceAccountSelector: role contains 'x'
  types: [Ingress, Egress]
  ingress:
    - action: Allow
      protocol: TCP
      source: {selector: app starts with 'w', namespaceSelector: team == 'a', notNets: [10.1.0.0/16]}
      destination: {ports: [80, "8000:8100", http], notPorts: [8050]}
    - {action: Log}
    - {action: Deny, protocol: ICMP, icmp: {type: 8, code: 0}, source: {nets: [10.0.0.0/8]}}
  egress:
    - {action: Pass, destination: {nets: ["2001:db8::/32"], notSelector: set == 'partners'}}
    - {action: Allow, notProtocol: 17, destination: {serviceAccounts: {names: [a], selector: all()}}}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: security.wide}
spec:
  tier: security
  order: 5.5
  selector: all()
  namespaceSelector: kubernetes.io/metadata.name not in {"kube-system"}
  types: [Ingress]
  ingress: [{action: Deny, source: {selector: set == 'partners', namespaceSelector: global()}}]
---
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata: {name: staged, namespace: shop}
spec: {stagedAction: Set, selector: app == 'api', types: [Ingress], ingress: [{action: Allow}]}
---
apiVersion: projectcalico.org/v3
kind: StagedGlobalNetworkPolicy
metadata: {name: staged-wide}
spec: {stagedAction: Delete, selector: all(), types: [Egress]}
---
apiVersion: projectcalico.org/v3
kind: StagedKubernetesNetworkPolicy
metadata: {name: staged-k8s, namespace: shop}
spec: {stagedAction: Set, podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
---
apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: security}
spec: {order: 50, defaultAction: Pass}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: partners, labels: {set: partners}}
spec: {nets: [198.51.100.0/24]}
---
apiVersion: projectcalico.org/v3
kind: NetworkSet
metadata: {name: own, namespace: shop, labels: {set: own}}
spec: {nets: [203.0.113.7/32, "2001:db8:1::/48"]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: api}, matchExpressions: [{key: "k8s:tier", operator: DoesNotExist}]}
  enableDefaultDeny: {ingress: true, egress: false}
  ingress:
    - fromEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": web}}]
      toPorts:
        - ports: [{port: "8080", protocol: TCP}]
          rules: {http: [{method: GET, path: "/v1/.*"}]}
        - ports: [{port: "9000", endPort: 9010, protocol: ANY}]
    - fromEntities: [cluster, host]
      icmps: [{fields: [{type: 8, family: IPv4}]}]
  ingressDeny: [{fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]}]
  egress:
    - toFQDNs: [{matchName: example.com}, {matchPattern: "*.example.org"}]
      toPorts: [{ports: [{port: "443"}]}]
    - toEndpoints: [{}]
      toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]
  egressDeny: [{toEntities: [world]}]
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: wide}
specs:
  - nodeSelector: {matchLabels: {role: worker}}
    ingress: [{fromEntities: [remote-node]}]
  - endpointSelector: {}
    egress: [{toCIDR: [192.0.2.0/24]}, {toServices: [{k8sService: {serviceName: a, namespace: b}}]}]
    ingress: [{fromCIDRSet: [{cidrGroupRef: partners}], authentication: {mode: required}}]
---
apiVersion: cilium.io/v2alpha1
kind: CiliumCIDRGroup
metadata: {name: partners}
spec: {externalCIDRs: [198.51.100.0/24]}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: acnp}
spec:
  tier: securityops
  priority: 5
  appliedTo: [{podSelector: {matchLabels: {app: api}}, namespaceSelector: {matchLabels: {team: a}}}]
  ingress:
    - action: Allow
      name: web
      from: [{podSelector: {matchLabels: {app: web}}}, {ipBlock: {cidr: 10.0.0.0/8}}]
      ports: [{protocol: TCP, port: 80, endPort: 90}, {protocol: UDP, port: dns}]
    - {action: Drop, name: rest, from: [{namespaces: {match: Self}}]}
  egress:
    - {action: Pass, name: group, to: [{group: backends}]}
    - {action: Reject, name: fqdn, to: [{fqdn: "*.example.com"}]}
---
apiVersion: crd.antrea.io/v1beta1
kind: NetworkPolicy
metadata: {name: anp, namespace: shop}
spec:
  priority: 7.5
  tier: emergency
  appliedTo: [{podSelector: {}}]
  ingress: [{action: Allow, protocols: [{icmp: {icmpType: 8, icmpCode: 0}}]}]
  egress: [{action: Allow, enableLogging: true, l7Protocols: [{http: {host: a, method: GET, path: /x}}]}]
---
apiVersion: crd.antrea.io/v1beta1
kind: Tier
metadata: {name: special}
spec: {priority: 40, description: text}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterGroup
metadata: {name: backends}
spec: {podSelector: {matchLabels: {app: db}}, namespaceSelector: {}}
---
apiVersion: crd.antrea.io/v1beta1
kind: Group
metadata: {name: nested, namespace: shop}
spec: {childGroups: [a, b]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  action: DENY
  rules:
    - from:
        - source: {principals: ["cluster.local/ns/web/sa/*"], notNamespaces: [test], ipBlocks: [10.0.0.0/8]}
      to:
        - operation: {ports: ["80", "443"], notPorts: ["81"], methods: [GET], paths: ["/v1/*"]}
      when:
        - {key: source.namespace, values: [web, "a*"], notValues: [b]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {selector: {matchLabels: {app: api}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: v1
kind: List
items:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: listed, namespace: web}
    spec: {podSelector: {}, policyTypes: [Egress]}
`
  .split('\n---\n')
  .map((text) => `${text.trim()}\n`);
