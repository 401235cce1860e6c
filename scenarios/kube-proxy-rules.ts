import { scenario } from '../harness/run/scenario.ts'
import { changeEndpointsAndServices, sampleDuringChanges } from './kube-proxy-rules/service-changes.ts'
import { sendToDeletedEndpoints } from './kube-proxy-rules/deleted-endpoints.ts'
import { killKubeProxy, removeRules } from './kube-proxy-rules/kube-proxy-faults.ts'
import { chooseMachines, type RulesContext } from './kube-proxy-rules/rules-context.ts'
import { createServices, withRules } from './kube-proxy-rules/service-kinds.ts'
import { returnAroundTimeout } from './kube-proxy-rules/session-affinity.ts'
import { useTerminatingEndpoint } from './kube-proxy-rules/terminating-endpoint.ts'
import { useTrafficPolicies } from './kube-proxy-rules/traffic-policies.ts'

/** Services of every kind are used and changed while one kube-proxy is killed, restarted, and loses its rules. */
export default scenario(
  'kube-proxy-rules',
  {
    describe: "Create, change and delete Services of every kind; kill one machine's kube-proxy, then remove its rules",
    topology: 'ha',
    testsFrom: 'start',
    contracts: [
      'NET-05',
      'NET-06',
      'CM-04',
      'KLET-06',
      'NODE-01',
      'PROXY-01',
      'PROXY-02',
      'PROXY-03',
      'PROXY-04',
      'PROXY-05',
      'PROXY-06',
      'PROXY-07',
      'PROXY-08',
      'PROXY-09',
      'PROXY-10',
      'PROXY-11',
      'SYS-01',
      'SYS-02',
      'CP-01',
    ],
  },
  async (scenarioContext) => {
    const { traffic } = scenarioContext
    const machines = chooseMachines(scenarioContext)
    const services = await createServices(scenarioContext)
    const fromOutside = await traffic.probeFromOutside(['outside', 'every-port'], { perSecond: 5 })
    const client = await traffic.outside()
    await using _ = traffic.followRules()
    await traffic.rulesFollow(withRules)
    const context: RulesContext = { ...scenarioContext, ...machines, services, client }

    await useTrafficPolicies(context)
    await returnAroundTimeout(context)
    await changeEndpointsAndServices(context)
    await sampleDuringChanges(context)
    // The Services of these probes have no endpoints from here on.
    await fromOutside[Symbol.asyncDispose]()
    await useTerminatingEndpoint(context)
    await sendToDeletedEndpoints(context)
    await killKubeProxy(context)
    await removeRules(context)
  },
)
