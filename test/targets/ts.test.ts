import { sameAsInterpreter } from './same.ts'

sameAsInterpreter('ts')
