export default {
  // The defaults know merges of one branch only.
  ignores: [(message) => message.startsWith('Merge ')],
  extends: ['@commitlint/config-conventional'],
  // Messages of git merge; commitlint itself ignores only those of a single branch.
  ignores: [(message) => message.startsWith('Merge ')],
  rules: { 'header-max-length': [2, 'always', 72] },
}
