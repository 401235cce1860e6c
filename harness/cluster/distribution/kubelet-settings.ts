import type { Timings } from '../timings.ts'

/** Returns the kubelet settings of every distribution: for a container, on a host whose disk usage is unrelated to the cluster. */
export function kubeletSettings(timings: Timings): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    oomScoreAdj: 0,
    localStorageCapacityIsolation: false,
    nodeStatusUpdateFrequency: `${timings.nodeStatusUpdateFrequency}s`,
    nodeStatusReportFrequency: '5m',
    nodeLeaseDurationSeconds: timings.nodeLeaseDuration,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
    },
    imageGCHighThresholdPercent: 100,
    registryPullQPS: 0,
    eventRecordQPS: 0,
  }
}
