export { boundText } from './bound.ts'
export { memoryProblem } from './check.ts'
export { placed } from './place.ts'
