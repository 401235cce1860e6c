export { contracts } from './catalogue.ts'
