import { sameAsInterpreter } from './same.ts'

sameAsInterpreter('wasm')
