/** A statement of the architecture, in our words, and the contracts that judge it. */
export interface Statement {
  readonly statement: string
  readonly contracts: readonly string[]
}

/** What the mission's chapter states of each component. A test fails for an id that is in no catalogue. */
export const chapter: readonly Statement[] = [
  {
    statement: 'The API server is the RESTful front end for every tool and component.',
    contracts: [
      'API-01',
      'API-09',
      'API-13',
      'API-14',
      'API-02',
      'API-03',
      'API-07',
      'API-08',
      'API-12',
      'API-15',
      'API-17',
      'FLOW-01',
      'SCHED-01',
      'CM-01',
    ],
  },
  {
    statement: 'etcd stores configuration and state.',
    contracts: ['ETCD-08', 'ETCD-01', 'ETCD-02', 'ETCD-03', 'ETCD-04', 'ETCD-11', 'ETCD-12'],
  },
  {
    statement: 'Components learn of changes quickly: etcd notifies the API servers, and they notify their watches.',
    contracts: ['ETCD-05', 'ETCD-07', 'API-04', 'API-05', 'API-06', 'API-16'],
  },
  {
    statement: 'The scheduler chooses a Node for each new pod.',
    contracts: ['SCHED-01', 'SCHED-02', 'SCHED-14', 'FLOW-03'],
  },
  {
    statement: 'The scheduler considers the load of Nodes: the requests of their pods.',
    contracts: ['SCHED-11', 'SCHED-12', 'SCHED-03'],
  },
  {
    statement: 'The scheduler considers topology and high availability: taints, selectors, anti-affinity, spread.',
    contracts: ['SCHED-07', 'SCHED-08', 'SCHED-05'],
  },
  {
    statement: 'The scheduler considers data affinity: the Nodes that can use the volumes of a pod.',
    contracts: ['SCHED-09'],
  },
  {
    statement: 'The controller manager keeps resources as desired.',
    contracts: [
      'CM-06',
      'WL-10',
      'NODE-04',
      'NODE-05',
      'NODE-06',
      'NODE-08',
      'NODE-10',
      'CM-01',
      'CM-02',
      'CM-03',
      'CM-04',
      'CM-05',
      'CM-07',
      'WL-01',
      'WL-02',
      'WL-03',
      'WL-04',
      'WL-05',
      'WL-07',
      'WL-08',
      'WL-09',
      'FLOW-02',
      'NODE-02',
      'NODE-03',
      'NODE-09',
    ],
  },
  {
    statement: 'The pod network connects pods on all Nodes.',
    contracts: ['NET-01', 'NET-02', 'NET-04', 'NET-05', 'NET-06', 'NET-07', 'PROXY-13'],
  },
  {
    statement: 'The kubelet runs the containers of the pods that were bound to its Node.',
    contracts: ['KLET-05', 'KLET-01', 'KLET-02', 'KLET-03', 'KLET-04', 'KLET-06', 'KLET-07', 'FLOW-04'],
  },
  {
    statement: 'The kubelet reports the status of its Node and pods.',
    contracts: ['KLET-09', 'NODE-01'],
  },
  {
    statement: 'kube-proxy forwards TCP and UDP of a Service to its pods.',
    contracts: [
      'PROXY-01',
      'PROXY-03',
      'PROXY-04',
      'PROXY-05',
      'PROXY-06',
      'PROXY-07',
      'PROXY-08',
      'PROXY-09',
      'PROXY-10',
      'PROXY-11',
      'PROXY-13',
    ],
  },
  {
    statement: 'kube-proxy balances the connections of a Service across its replicas.',
    contracts: ['PROXY-02'],
  },
  {
    statement: 'A control-plane machine is a Node too: it runs kubelet and kube-proxy.',
    contracts: ['CP-02', 'CP-01'],
  },
  {
    statement: 'A Deployment is stored, scheduled, run and exposed, step by step.',
    contracts: ['FLOW-01', 'FLOW-02', 'FLOW-03', 'FLOW-04', 'FLOW-05'],
  },
]
