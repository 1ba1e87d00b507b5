// Requirements: E4 E18

import { sameAsInterpreter } from './same.ts'

sameAsInterpreter('wasm')
