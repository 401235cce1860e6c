import { scenario } from '../../../harness/run/scenario.ts'

/** A script with a mistake of its own, after half of its work. */
export default scenario(
  'throws',
  { describe: 'Delete a pod, then throw', topology: 'single', contracts: ['CM-01', 'NODE-02'] },
  async ({ faults, traffic }) => {
    await traffic.deploy('shop', { replicas: 2 })
    const { namespace } = traffic.workloads
    {
      await using _ = await faults.deletePods({ namespace, selector: 'app=shop', count: 1 })
    }
    await traffic.settled('shop')
    const none: { readonly name: string }[] = []
    // The mistake: there is no first one.
    ;(none[0] as { readonly name: string }).name.trim()
  },
)
