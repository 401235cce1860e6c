/** Returns shell commands that freeze an empty cgroup, and thaw and remove it, with cgroup v1 or v2. */
export function groupNamed(name: string): { readonly freeze: string; readonly thaw: string } {
  const group = `$(ls -d /sys/fs/cgroup/freezer 2>/dev/null || echo /sys/fs/cgroup)/${name}`
  const write = (v1: string, v2: string): string =>
    `if [ -e ${group}/freezer.state ]; then echo ${v1} > ${group}/freezer.state; else echo ${v2} > ${group}/cgroup.freeze; fi`
  return {
    freeze: `mkdir ${group} && ${write('FROZEN', '1')}`,
    thaw: `${write('THAWED', '0')}; rmdir ${group}`,
  }
}
