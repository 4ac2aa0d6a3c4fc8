/**
 * What the shop of the demo has today: policies that somebody wrote by hand from memory, each with a plausible gap.
 * File name → text. The gaps are the point: `check` finds them in what really happened.
 */
export const DEMO_OLD_POLICIES: Readonly<Record<string, string>> = {
  // Forgets the reviews service, the nightly report and replication between the replicas.
  'postgres.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: postgres
  namespace: data
spec:
  podSelector:
    matchLabels:
      app: postgres
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: shop
          podSelector:
            matchExpressions:
              - key: app
                operator: In
                values: [catalog, orders]
      ports:
        - protocol: TCP
          port: 5432
`,
  // Names one address of the bank, which has two, and forgets DNS, Kafka and the log collector.
  'payments.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: payments
  namespace: payments
spec:
  podSelector:
    matchLabels:
      app: payments
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              team: shop
      ports:
        - protocol: TCP
          port: 9000
  egress:
    - to:
        - ipBlock:
            cidr: 203.0.113.10/32
      ports:
        - protocol: TCP
          port: 443
`,
  // Lets in a service that was never built; forgets that the web front end reads redis now and then.
  'redis.yaml': `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: redis
  namespace: data
spec:
  podSelector:
    matchLabels:
      app: redis
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: shop
          podSelector:
            matchLabels:
              app: cart
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: shop
          podSelector:
            matchLabels:
              app: recommendations
        - podSelector:
            matchLabels:
              app: redis
`,
};
