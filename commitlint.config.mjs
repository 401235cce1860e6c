export default {
  extends: ['@commitlint/config-conventional'],
  // Messages of git merge: commitlint itself ignores only those of one branch.
  ignores: [(message) => message.startsWith('Merge ')],
  rules: { 'header-max-length': [2, 'always', 72] },
}
