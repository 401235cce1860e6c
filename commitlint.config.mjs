export default {
  // The defaults know merges of one branch only.
  ignores: [(message) => message.startsWith('Merge ')],
  extends: ['@commitlint/config-conventional'],
  rules: { 'header-max-length': [2, 'always', 72] },
}
