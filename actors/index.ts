/** The actors that skein brings: the public door of the layer. */
export { coder } from './coder/index.ts'
export { actors, type CodingJobOptions, codingJob, DEFAULT_PEERS, ROLES_BY_WIRING } from './coding.ts'
export { planner } from './planner/index.ts'
export { researcher } from './researcher/index.ts'
export { reviewer } from './reviewer/index.ts'
export { solo } from './solo/index.ts'
export { supervisor } from './supervisor/index.ts'
