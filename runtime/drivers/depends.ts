import type { Dependency } from '../assumption.ts'

/** The Node that Quoin needs, as package.json says it. */
export const node: Dependency = { on: 'program', name: 'node', range: '>=24.0.0' }
export const program = (name: string, range: string): Dependency => ({ on: 'program', name, range })
export const packageOf = (name: string, range: string): Dependency => ({ on: 'package', name, range })
/** Something without a version. */
export const part = (name: string): Dependency => ({ on: 'part', name })
