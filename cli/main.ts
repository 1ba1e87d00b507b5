#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// npm runs its scripts in the folder of package.json; paths on the command line mean the folder the user is in. The
// program itself is not started by npm, so this is for `npm run quoin` on the sources alone.
const { INIT_CWD, npm_lifecycle_event } = process.env
if (npm_lifecycle_event === 'quoin' && INIT_CWD !== undefined && import.meta.url.endsWith('.ts'))
  process.chdir(INIT_CWD)

// Half of a short command is loading code; what Node compiled the last time it keeps in the system's temporary folder, and
// NODE_DISABLE_COMPILE_CACHE=1 says that it should not.
enableCompileCache()

const { main } = await import('./app.ts')
await main(process.argv.slice(2))
