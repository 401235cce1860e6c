/** What each promise breaks by, where everything is wrong on purpose: control-plane1 has no endpoint, and worker1 has all. */
export const broken = {
  'PROXY-01': / (A packet from|on) control-plane1\b/,
  'PROXY-03': /The rules of worker1 changed while its kube-proxy was down/,
  'PROXY-04': /failed while its kube-proxy was started again/,
  'PROXY-05': /The rules of worker1 were not written again in [1-9]\d/,
  'PROXY-06': /The rules do not bind clients as asked: .*\/sticky:.* on control-plane1/,
  'PROXY-07': /whether control-plane1 has an endpoint of .*\/balanced, its kube-proxy answered nothing instead of 503/,
  'PROXY-08': /was silent, and edge-\S+ should answer/,
  'PROXY-09': /was answered instead of dropped/,
  'PROXY-10': /was answered instead of refused/,
  'PROXY-11': /control-plane1 sent datagrams for .* after that had gone/,
  'NET-05': /one owner at a time/,
} as const

/** PROXY-07 tells the first thing that is wrong; this is another. */
export const cutOffFromOutside =
  /^A tcp probe from outside to \S+ on worker1 was not let through \(no connection in time\), and edge-\S+ should answer/
