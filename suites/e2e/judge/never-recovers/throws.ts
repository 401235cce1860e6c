import { scenario } from '../../../../harness/run/scenario.ts'

/** A scenario that throws halfway because of a bug. */
export default scenario(
  'throws',
  { describe: 'Delete a pod, then throw', topology: 'single', contracts: ['CM-01', 'NODE-02'] },
  async ({ faults, traffic }) => {
    await traffic.deploy('shop', { replicas: 2 })
    const { namespace } = traffic.workloads
    {
      await using _ = await faults.deletePods({ namespace, selector: 'app=shop', count: 1 })
    }
    await traffic.rolloutComplete('shop')
    const none: { readonly name: string }[] = []
    // The bug: the list is empty.
    ;(none[0] as { readonly name: string }).name.trim()
  },
)
